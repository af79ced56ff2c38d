"""The certificate: tables of whole numbers that agree with all that is printed, made from public files alone."""
