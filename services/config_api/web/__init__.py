"""Basics that the REST interface and the pages share: context, guard, problems, paging, hosts, settings."""
