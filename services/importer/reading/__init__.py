"""Reading of objects before the transaction opens: from an import message to a dose document and its identities."""
