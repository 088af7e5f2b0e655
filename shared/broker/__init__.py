"""RabbitMQ: which queues there are, how to publish safely, how to consume with retry and dead letter."""
