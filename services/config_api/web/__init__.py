"""HTTP basics that REST interface and pages share: context, guard, errors, paging."""
