//! What a file is that is neither a workbook nor a text of commas, whatever its name says: told by how it begins, so
//! that whoever sent it hears what it is and how to save it.

use tongpin_domain::lang::Lang;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A web page, which many systems export under the name of .xls.
    WebPage,
    /// A table of Excel 2003 in XML.
    XmlTable,
    /// Another XML text.
    Xml,
    /// A spreadsheet of LibreOffice (.ods).
    OpenDocument,
    /// A binary workbook (.xlsb).
    Binary,
    /// A spreadsheet of Apple Numbers.
    Numbers,
    /// A document or presentation of Office or WPS.
    Document,
    /// A PDF.
    Pdf,
    /// A picture.
    Picture,
    /// A compressed archive.
    Archive,
    /// Text of two bytes a character, which Excel saves as “Unicode 文本”.
    WideText,
}

impl FileKind {
    /// What a file is that begins like this; `None` for what may be a table.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        const PICTURES: [&[u8]; 4] = [b"\x89PNG", b"\xFF\xD8\xFF", b"GIF8", b"BM6"];
        const ARCHIVES: [&[u8]; 3] = [b"Rar!", b"7z\xBC\xAF", b"\x1F\x8B"];
        let begins = |all: &[&[u8]]| all.iter().any(|start| bytes.starts_with(start));
        if bytes.starts_with(b"%PDF") {
            Some(Self::Pdf)
        } else if begins(&[b"{\\rtf"]) {
            Some(Self::Document)
        } else if begins(&PICTURES) {
            Some(Self::Picture)
        } else if begins(&ARCHIVES) {
            Some(Self::Archive)
        } else if begins(&[b"\xFF\xFE", b"\xFE\xFF"]) {
            Some(Self::WideText)
        } else {
            Self::of_text(bytes)
        }
    }

    /// A page or an XML text, by its first element.
    fn of_text(bytes: &[u8]) -> Option<Self> {
        const ENOUGH: usize = 4_096;
        let head = bytes.get(..ENOUGH).unwrap_or(bytes);
        let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start().to_ascii_lowercase();
        let has = |wanted: &[u8]| head.windows(wanted.len()).any(|window| window == wanted);
        if head.starts_with(b"mime-version:") && has(b"text/html") {
            return Some(Self::WebPage);
        }
        if !head.starts_with(b"<") {
            return None;
        }
        if has(b"urn:schemas-microsoft-com:office:spreadsheet") || has(b"progid=\"excel.sheet\"") {
            return Some(Self::XmlTable);
        }
        let page: [&[u8]; 8] =
            [b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<body", b"<style", b"<script"];
        if page.iter().any(|tag| has(tag)) {
            return Some(Self::WebPage);
        }
        head.starts_with(b"<?xml").then_some(Self::Xml)
    }

    /// What a package is that is no workbook, by the names of its parts.
    pub(super) fn of_package(names: &[String]) -> Option<Self> {
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        let under = |start: &str| names.iter().any(|name| name.starts_with(start));
        if has("xl/workbook.bin") {
            Some(Self::Binary)
        } else if under("word/") || under("ppt/") {
            Some(Self::Document)
        } else if has("index/document.iwa") || has("index.zip") || has("index.apxl") {
            Some(Self::Numbers)
        } else if has("content.xml") && has("mimetype") {
            Some(Self::OpenDocument)
        } else if has("[content_types].xml") {
            None
        } else {
            Some(Self::Archive)
        }
    }

    /// What it is, and how it becomes a table.
    pub(super) fn text(self, lang: Lang) -> String {
        let (zh, en) = self.name();
        let (zh_then, en_then) = match self {
            Self::Archive => {
                ("请解压后上传其中的 .xlsx 或 CSV 文件", "unpack it and upload the .xlsx or CSV file in it")
            }
            Self::Numbers => ("请导出为 .xlsx 后再上传", "export it as .xlsx and upload that"),
            Self::Xml | Self::Document | Self::Pdf | Self::Picture => (
                "不是表格；请上传 Excel 工作簿（.xlsx）或 CSV 文件",
                "which is no table: upload an Excel workbook (.xlsx) or a CSV file",
            ),
            _ => (
                "请另存为 .xlsx 后再上传（用 Excel 或 WPS 打开，另存为“Excel 工作簿”）",
                "save it as .xlsx and upload that",
            ),
        };
        match lang {
            Lang::Zh => format!("这是{zh}，{zh_then}"),
            Lang::En => format!("this is {en}: {en_then}"),
        }
    }

    fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::WebPage => ("网页", "a web page"),
            Self::XmlTable => ("XML 表格（Excel 2003）", "an XML spreadsheet of Excel 2003"),
            Self::Xml => ("XML 文件", "an XML file"),
            Self::OpenDocument => ("OpenDocument 表格（.ods）", "an OpenDocument spreadsheet (.ods)"),
            Self::Binary => ("二进制工作簿（.xlsb）", "a binary workbook (.xlsb)"),
            Self::Numbers => ("苹果 Numbers 表格", "a spreadsheet of Apple Numbers"),
            Self::Document => ("文字文档或演示文稿", "a document or a presentation"),
            Self::Pdf => ("PDF 文件", "a PDF"),
            Self::Picture => ("图片", "a picture"),
            Self::Archive => ("压缩包", "an archive"),
            Self::WideText => ("“Unicode 文本”", "“Unicode text”"),
        }
    }
}
