//! Why a spreadsheet is not taken, in the words of those who made it.

use tongpin_domain::intake::{IntakeError, LONGEST_CELL, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, TooMuch};
use tongpin_domain::lang::{Lang, Say};

use super::FileKind;

/// A spreadsheet is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {fault:?}")]
pub struct SheetError {
    /// The file's name.
    pub file: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a spreadsheet. Cells are named like `Sheet1!C7`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is text, and no table.
    Csv(IntakeError),
    /// A workbook of Excel 97–2003 (.xls) or of old WPS (.et).
    OldFormat,
    /// It needs a password to be opened.
    Encrypted,
    /// It carries macros.
    Macros,
    /// It is something else, whatever its name says.
    Other(FileKind),
    /// It is cut off or damaged; the reader's reason.
    Damaged(String),
    /// Unpacked it would be larger than this, MB.
    TooLarge(u64),
    /// More rows, columns or cells than are read, or more text.
    TooMany {
        /// The sheet.
        sheet: String,
        /// The row that it is too much on, counted from 1.
        row: u32,
        /// What there is too much of.
        what: TooMuch,
    },
    /// Somewhere is more text than a cell can hold.
    LongText,
    /// More formats of cells than a spreadsheet knows, or larger ones.
    Formats,
    /// A cell holds more text than a cell can.
    LongCell(String),
    /// A cell is computed.
    Formula(String),
    /// A cell shows an error such as `#N/A`.
    ErrorValue(String),
    /// A cell shows an error that older spreadsheets do not know, such as `#SPILL!`; the error, not the cell.
    OtherError(String),
    /// A number is longer than a spreadsheet can keep.
    LongNumber(String),
    /// A number's format shows another number than the one that is kept.
    Masked(String),
    /// A cell is a time or a length of time.
    Duration(String),
    /// Cells are merged among the rows that are read.
    Merged(String),
    /// There is nothing on the sheet.
    Blank(String),
    /// None of the column names stands in the first line.
    NoHeader {
        /// The sheet that was read.
        sheet: String,
        /// All sheets.
        sheets: Vec<String>,
        /// Names of columns.
        expected: Vec<String>,
        /// The row that they seem to stand on, counted from 1.
        below: Option<u32>,
    },
    /// Only sheets that are not shown hold something.
    Hidden(Vec<String>),
    /// There are no sheets of cells.
    NoSheets,
    /// A list as a page exports it, and what its import table is called.
    Listed(&'static str),
    /// Several sheets hold something, and none is called 数据.
    Several(Vec<String>),
    /// A sheet bears the name of a form and is none that was made here.
    NotTheForm(String),
    /// A sheet is a form as it was made by an earlier or later make.
    OtherForm(String),
    /// A cell that says what the sheet is about says something else than when it was written.
    Relabelled {
        /// The cell.
        cell: String,
        /// What it says now.
        says: String,
        /// What the sheet was written for, by its code.
        of: String,
    },
    /// Documents of another form, which is named by its code.
    OfAnotherForm(String),
    /// A sheet that must be there is not.
    NoSheet {
        /// Its name.
        wanted: String,
        /// Those there are.
        sheets: Vec<String>,
    },
}

impl Say for SheetError {
    fn say(&self, lang: Lang) -> String {
        if let Fault::Csv(error) = &self.fault {
            return error.say(lang);
        }
        match lang {
            Lang::Zh => format!("{}：{}", self.file, self.fault.zh()),
            Lang::En => format!("{}: {}", self.file, self.fault.en()),
        }
    }
}

impl Fault {
    fn zh(&self) -> String {
        match self {
            Self::Csv(error) => error.say(Lang::Zh),
            Self::OldFormat => {
                "是旧格式的 Excel 或 WPS 文件（.xls、.et）；请另存为“Excel 工作簿（*.xlsx）”后再上传".into()
            }
            Self::Encrypted => "设有打开密码，无法读取；请在 Excel 中取消密码后另存，再上传".into(),
            Self::Macros => "含有宏，不予接收；请另存为“Excel 工作簿（*.xlsx）”后再上传".into(),
            Self::Other(guise) => guise.text(Lang::Zh),
            Self::Damaged(_) => "文件不完整或已损坏，无法读取；请用 Excel 打开核对，另存后再上传".into(),
            Self::TooLarge(mb) => format!("展开后超过 {mb} MB；请删去多余的工作表和格式，或拆分后再上传"),
            Self::TooMany { sheet, row, what } => too_many_zh(sheet, *row, *what),
            Self::LongText => format!("有单元格超过 {LONGEST_CELL} 字，或文件中有异常长的内容；请精简后再上传"),
            Self::Formats => "单元格格式过多或过长，多半是反复复制粘贴留下的；请新建一个工作簿，用“选择性粘贴—数值”\
                把数据粘贴过去，再上传"
                .into(),
            Self::LongCell(cell) => format!("{cell} 超过 {LONGEST_CELL} 字；请精简后再上传"),
            Self::Formula(cell) => {
                format!("{cell} 是公式；公式的结果可能与看到的不同，请复制后用“选择性粘贴”粘贴为数值再上传")
            }
            Self::ErrorValue(cell) => format!("{cell} 是错误值（如 #N/A）；请改正或清空该单元格后再上传"),
            Self::OtherError(error) => {
                format!("有单元格是错误值 {error}；请在表中查找“{error}”，改正或清空后再上传")
            }
            Self::LongNumber(cell) => {
                format!("{cell} 的数字超过 15 位，Excel 已丢失末尾的数字；请把单元格格式设为“文本”，重新填写后再上传")
            }
            Self::Masked(cell) => format!(
                "{cell} 的单元格格式使看到的数与实际的数不同（如按千位缩小显示）；请把格式设为“常规”，核对并填写实际的数后再上传"
            ),
            Self::Duration(cell) => format!(
                "{cell} 是时间或时长（如 36:00），保存的是天数；请把格式设为“常规”，按度量单位填写数字（如 36 小时填 36）后再上传"
            ),
            Self::Merged(area) => format!("{area} 是合并单元格；请取消合并，每行每列各填各的值后再上传"),
            Self::Blank(sheet) => format!("工作表“{sheet}”是空的；第 1 行应为列名，其下为数据"),
            Self::NoHeader { sheet, below: Some(row), .. } => {
                format!("工作表“{sheet}”的第 1 行没有找到列名；列名似乎在第 {row} 行，请删去它上面的行后再上传")
            }
            Self::NoHeader { sheet, sheets, expected, below: None } => format!(
                "工作表“{sheet}”的第 1 行没有找到列名；应有 {} 等列。文件中的工作表：{}",
                expected.join("、"),
                sheets.join("、")
            ),
            Self::Hidden(sheets) => {
                format!("有内容的工作表（{}）是隐藏的；请取消隐藏，核对后再上传", sheets.join("、"))
            }
            Self::NoSheets => "没有工作表；请另存为“Excel 工作簿（*.xlsx）”后再上传".into(),
            Self::Listed(table) => format!(
                "这是从列表导出的清单，缺少导入所需的列，不能导入；请在“导入”页面下载“{table}导入表”，在其中修改后再上传"
            ),
            Self::Several(sheets) => format!(
                "有多张工作表有内容（{}），不能确定读哪一张；请把要导入的一张命名为“数据”，或只保留一张",
                sheets.join("、")
            ),
            Self::NotTheForm(sheet) => format!(
                "工作表“{sheet}”不是从系统下载的表格，或者标题行、表头行、合计行、隐藏的列已被删除；请重新下载后填写"
            ),
            Self::OtherForm(sheet) => {
                format!("工作表“{sheet}”是其他版本的表格，或者增删过列；请重新导出，在新表上填写后再上传")
            }
            Self::Relabelled { cell, says, of } => format!(
                "{cell} 写的是“{says}”，与导出时不同；这张表是从 {of} 导出的，改了名称也仍属于它，其他项目请另行导出"
            ),
            Self::OfAnotherForm(code) => {
                format!("这是另一张表单（编码 {code}）的文件；请在那张表单的页面导入")
            }
            Self::NoSheet { wanted, sheets } => {
                format!("没有名为“{wanted}”的工作表（现有：{}）；请使用系统导出的表格", sheets.join("、"))
            }
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Csv(error) => error.say(Lang::En),
            Self::OldFormat => "an old workbook (.xls, .et); save it as .xlsx and upload that".into(),
            Self::Encrypted => "it needs a password; save it without one and upload that".into(),
            Self::Macros => "it carries macros and is not taken; save it as .xlsx and upload that".into(),
            Self::Other(guise) => guise.text(Lang::En),
            Self::Damaged(why) => format!("cut off or damaged ({why}); open it in Excel and save it anew"),
            Self::TooLarge(mb) => format!("unpacked it is larger than {mb} MB; divide it"),
            Self::TooMany { sheet, row, what } => too_many_en(sheet, *row, *what),
            Self::LongText => format!("a cell is longer than {LONGEST_CELL} characters; shorten it"),
            Self::Formats => {
                "too many formats of cells, or too long ones; paste the data as values into a new workbook".into()
            }
            Self::LongCell(cell) => format!("{cell} is longer than {LONGEST_CELL} characters; shorten it"),
            Self::Formula(cell) => format!("{cell} is a formula; paste it as a value and upload the file again"),
            Self::ErrorValue(cell) => format!("{cell} shows an error such as #N/A; correct or clear it"),
            Self::OtherError(error) => format!("a cell shows the error {error}; find it, correct or clear it"),
            Self::LongNumber(cell) => {
                format!("the number in {cell} has more than 15 digits, of which Excel loses the last; make it text")
            }
            Self::Masked(cell) => {
                format!(
                    "the format of {cell} shows another number than the one kept; make it General and type the number"
                )
            }
            Self::Duration(cell) => format!(
                "{cell} is a time or a length of time, kept in days; make it General and type the number of its unit (36 for 36 hours)"
            ),
            Self::Merged(area) => format!("{area} is merged; divide the cells and fill each of them"),
            Self::Blank(sheet) => format!("sheet {sheet:?} is blank; line 1 should hold the column names"),
            Self::NoHeader { sheet, below: Some(row), .. } => format!(
                "no column names in the first line of sheet {sheet:?}; they seem to stand on row {row}: delete the rows above it"
            ),
            Self::Hidden(sheets) => {
                format!(
                    "only hidden sheets hold something ({}); show them, check them and upload again",
                    sheets.join(", ")
                )
            }
            Self::NoSheets => "it has no sheets of cells; save it as .xlsx and upload that".into(),
            Self::NoHeader { sheet, sheets, expected, below: None } => format!(
                "no column names in the first line of sheet {sheet:?}; expected are {}. Sheets: {}",
                expected.join(", "),
                sheets.join(", ")
            ),
            Self::Listed(table) => format!(
                "this is a list as a page exports it and lacks columns that an import needs; take the import table (“{table}导入表”) from the import page, change that and upload it"
            ),
            Self::Several(sheets) => format!(
                "several sheets hold something ({}); call the one to be read 数据, or keep only one",
                sheets.join(", ")
            ),
            Self::NotTheForm(sheet) => format!(
                "sheet {sheet:?} is no form that was downloaded here, or rows or hidden columns of it were deleted; download it anew"
            ),
            Self::OtherForm(sheet) => {
                format!(
                    "sheet {sheet:?} is a form of another version, or columns were added to it; export the form anew and fill that in"
                )
            }
            Self::Relabelled { cell, says, of } => format!(
                "{cell} says {says:?}, which is not what was exported: this is the file of {of}; export another for another"
            ),
            Self::OfAnotherForm(code) => {
                format!("these are documents of another form, {code}; import them in the list of that form")
            }
            Self::NoSheet { wanted, sheets } => {
                format!("there is no sheet {wanted:?} (there are {}); use a form made here", sheets.join(", "))
            }
        }
    }
}

fn too_many_zh(sheet: &str, row: u32, what: TooMuch) -> String {
    match what {
        TooMuch::Rows => {
            format!("工作表“{sheet}”超过 {MOST_ROWS} 行；请拆分成几个文件（每个至多 {MOST_ROWS} 行）后再上传")
        }
        TooMuch::Columns => format!(
            "工作表“{sheet}”第 {row} 行超过 {MOST_COLUMNS} 列；请删去多余的列（包括只有空格或格式的列）后再上传"
        ),
        TooMuch::Cells => format!(
            "工作表“{sheet}”到第 {row} 行已超过 {} 万个单元格；请删去多余的列，或拆分成几个文件后再上传",
            MOST_CELLS / 10_000
        ),
        TooMuch::Text => {
            format!("工作表“{sheet}”到第 {row} 行的文字已超过 64 MB；请精简，或拆分成几个文件后再上传")
        }
    }
}

fn too_many_en(sheet: &str, row: u32, what: TooMuch) -> String {
    match what {
        TooMuch::Rows => format!("there are more than {MOST_ROWS} rows on {sheet:?}; divide it"),
        TooMuch::Columns => {
            format!("row {row} of {sheet:?} has more than {MOST_COLUMNS} columns; delete those not needed")
        }
        TooMuch::Cells => format!(
            "there are more than {MOST_CELLS} cells on {sheet:?} up to row {row}; delete columns not needed, or divide it"
        ),
        TooMuch::Text => format!("there are more than 64 MB of text on {sheet:?} up to row {row}; divide it"),
    }
}
