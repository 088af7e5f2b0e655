"""DICOM basics that more than one service needs: identifiers, headers, and what an object can be worth."""
