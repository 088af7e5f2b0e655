"""The REST interface and the web page: nodes, policies, jobs, received objects, studies."""
