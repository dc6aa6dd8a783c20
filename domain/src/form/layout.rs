//! 版式: the official sheet. One description serves the page, the paper, the workbook that goes out and the one that
//! comes back.

use serde::{Deserialize, Serialize};

use super::word::words;
use super::{Definition, Kind};

words! {
    /// 金额单位: in what amounts are shown on screen, paper and workbook alike.
    MoneyUnit {
        /// 元
        Yuan = "yuan", "元", "yuan";
        /// 万元
        Wan = "wan", "万元", "10,000 yuan";
    }
}

/// 版式
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// 金额单位
    #[serde(default = "yuan")]
    pub money: MoneyUnit,
    /// 纵向 instead of landscape.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub portrait: bool,
    /// Label and value pairs beside one another in the grid: 1 to 3.
    #[serde(default = "pairs")]
    pub pairs: u32,
    /// The parts of the sheet from top to bottom; made from the fields without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
    /// 签字栏: the lines at the foot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<String>,
}

fn yuan() -> MoneyUnit {
    MoneyUnit::Yuan
}

fn pairs() -> u32 {
    2
}

impl Default for Layout {
    fn default() -> Self {
        Self { money: yuan(), portrait: false, pairs: pairs(), blocks: Vec::new(), signatures: Vec::new() }
    }
}

impl Layout {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A part of the sheet: a grid of labels and values (`fields`), or a table of rows (`rows`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What stands above it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The fields of the grid, in order. A text of several lines takes a whole line of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The rows that the table shows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rows: String,
    /// The columns of the table with their groups; every field of the rows without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Grouped>,
}

/// Columns of a table, under a heading of their own if there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grouped {
    /// The heading over them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Fields of the rows.
    pub fields: Vec<String>,
}

impl Definition {
    /// The parts of the sheet: as the layout says, or one grid of the single fields and a table for each of the rows,
    /// in the order of the fields. Retired ones are among them: a sheet shows them where a document still has them.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        if !self.layout.blocks.is_empty() {
            return self.layout.blocks.clone();
        }
        let mut blocks: Vec<Block> = Vec::new();
        for field in &self.fields {
            if field.kind == Kind::Rows {
                blocks.push(Block { title: field.title.clone(), rows: field.name.clone(), ..Block::default() });
            } else if let Some(grid) = blocks.last_mut().filter(|block| block.rows.is_empty()) {
                grid.fields.push(field.name.clone());
            } else {
                blocks.push(Block { fields: vec![field.name.clone()], ..Block::default() });
            }
        }
        blocks
    }

    /// The columns of a table of the sheet with their groups.
    #[must_use]
    pub fn columns(&self, block: &Block) -> Vec<Grouped> {
        if !block.columns.is_empty() {
            return block.columns.clone();
        }
        let fields = self.field(&block.rows).map(|rows| rows.fields.as_slice()).unwrap_or_default();
        let shown = fields.iter().filter(|field| !field.retired);
        shown.map(|field| Grouped { title: String::new(), fields: vec![field.name.clone()] }).collect()
    }
}
