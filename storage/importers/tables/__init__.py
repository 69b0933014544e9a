"""Reads tables: CSV in any encoding and with any separator, workbooks of Excel, Parquet."""
