"""What an office program's user would meet in workbooks, as openpyxl reads them: one JSON document for all files."""

import json
import sys

import openpyxl


def sheet(it):
    validations = it.data_validations.dataValidation
    widths = {name: column.width for name, column in it.column_dimensions.items() if column.width}
    return {
        "title": it.title,
        "state": it.sheet_state,
        "rows": it.max_row,
        "merged": sorted(str(area) for area in it.merged_cells.ranges),
        "hidden_columns": [name for name, column in it.column_dimensions.items() if column.hidden],
        "widest": max(widths.values(), default=0),
        "frozen": it.freeze_panes,
        "lists": sum(1 for rule in validations if rule.type == "list"),
        "protected": it.protection.sheet,
        "locked_head": all(cell.protection.locked for cell in it[1]),
        "paper": it.page_setup.paperSize,
        "landscape": it.page_setup.orientation == "landscape",
        "fit_to_width": bool(it.sheet_properties.pageSetUpPr and it.sheet_properties.pageSetUpPr.fitToPage),
        "repeated": it.print_title_rows,
        "formulas": sum(1 for row in it.iter_rows() for cell in row if cell.data_type == "f"),
        "cells": [[None if cell.value is None else str(cell.value) for cell in row] for row in it.iter_rows(max_row=40)],
    }


books = {}
for path in sys.argv[1:]:
    books[path.rsplit("/", 1)[-1]] = [sheet(it) for it in openpyxl.load_workbook(path).worksheets]
json.dump(books, sys.stdout, ensure_ascii=False)
