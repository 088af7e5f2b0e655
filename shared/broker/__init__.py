"""RabbitMQ: the queues, publishing with confirms, and consuming with retry and dead letter."""
