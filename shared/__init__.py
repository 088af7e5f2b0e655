"""What more than one service needs: database, broker, messages, settings, spool, DICOM basics."""
