"""The commands that config_api brings to the `dosewire` command line. They use the REST interface."""
