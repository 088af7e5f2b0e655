"""The parts that more than one service needs: database, broker, messages, settings, spool and DICOM basics."""
