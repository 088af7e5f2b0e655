"""The modules that supervisor and node processes share: definitions, messages, rejections, TLS files, settings."""
