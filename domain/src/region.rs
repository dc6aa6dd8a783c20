//! Administrative divisions (区划): codes, ancestry, and what changed when.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

mod directory;

pub use directory::Regions;

/// A division code: 6 digits (`320500` city, `320581` county) or 9 (`320581101` township).
///
/// Ancestry follows from the digits (GB/T 2260 and its township extension): trailing pairs of zeros stand for
/// "all of it". Depth is data: a province (`320000`) works as well.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegionCode(String);

/// How deep a code lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 省级
    Province,
    /// 市级
    City,
    /// 县级
    County,
    /// 乡级
    Township,
}

/// The text is not a division code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a division code of 6 or 9 digits: {0:?}")]
pub struct NotARegion(pub String);

impl RegionCode {
    /// Reads a code, ignoring blanks around it.
    ///
    /// # Errors
    /// [`NotARegion`] unless it has 6 or 9 digits, does not begin with `00`, and a 9-digit code names a county.
    pub fn new(text: &str) -> Result<Self, NotARegion> {
        let code = text.trim();
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        let county_named = code.len() == 6 || code.get(4..6).is_some_and(|county| county != "00");
        if !digits || !matches!(code.len(), 6 | 9) || code.starts_with("00") || !county_named {
            return Err(NotARegion(text.to_owned()));
        }
        Ok(Self(code.to_owned()))
    }

    /// The code as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How deep this code lies.
    #[must_use]
    pub fn level(&self) -> Level {
        match self.stem().len() {
            0..=2 => Level::Province,
            3..=4 => Level::City,
            5..=6 => Level::County,
            _ => Level::Township,
        }
    }

    /// The digits that every code inside this one begins with.
    #[must_use]
    pub fn stem(&self) -> &str {
        if self.0.len() == 9 {
            return &self.0;
        }
        let city = self.0.strip_suffix("00").unwrap_or(&self.0);
        if city.len() == 4 { city.strip_suffix("00").unwrap_or(city) } else { city }
    }

    /// True if this region is `other` or lies inside it.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        self.0.starts_with(other.stem())
    }

    /// True if one of the two contains the other, or they are the same.
    #[must_use]
    pub fn on_one_line_with(&self, other: &Self) -> bool {
        self.within(other) || other.within(self)
    }

    /// The labels of the code from the deepest up: `101.81.05.32` for `320581101`.
    #[must_use]
    pub fn labels(&self) -> Vec<&str> {
        let stem = self.stem();
        let mut labels: Vec<&str> = (0..stem.len().min(6)).step_by(2).filter_map(|at| stem.get(at..at + 2)).collect();
        labels.extend(stem.get(6..9));
        labels.reverse();
        labels
    }

    /// The code with its county part replaced, as when a county's code changed.
    fn moved(&self, from: &Self, to: &Self) -> Option<Self> {
        let rest = self.0.strip_prefix(from.stem())?;
        Self::new(&format!("{}{rest}", to.stem())).ok()
    }
}

/// Records go up whole only inside one county: from a township to the county that contains it.
#[must_use]
pub fn records_go_up(child: &RegionCode, parent: &RegionCode) -> bool {
    parent.level() >= Level::County && child != parent && child.within(parent)
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RegionCode {
    type Err = NotARegion;

    fn from_str(text: &str) -> Result<Self, NotARegion> {
        Self::new(text)
    }
}

impl TryFrom<String> for RegionCode {
    type Error = NotARegion;

    fn try_from(text: String) -> Result<Self, NotARegion> {
        Self::new(&text)
    }
}

impl From<RegionCode> for String {
    fn from(code: RegionCode) -> Self {
        code.0
    }
}

/// One division as the `regions` catalog keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// 区划代码
    pub code: RegionCode,
    /// 名称
    pub name: String,
    /// 级次: 市, 县 or 乡
    pub level: String,
    /// 上级代码
    pub parent_code: RegionCode,
    /// 财政区划代码, 9 digits
    pub mof_div_code: String,
    /// 类型: 市辖区, 县级市, 功能区 …
    pub kind: String,
    /// 曾用代码: codes this division had before
    #[serde(default)]
    pub alias_codes: Vec<RegionCode>,
    /// The day from which this code is used (`YYYY-MM-DD`), if known
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// The last day of this code (`YYYY-MM-DD`), if it has ended
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// 备注
    #[serde(default)]
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> RegionCode {
        RegionCode::new(text).expect("a valid code")
    }

    /// Ancestry follows from the digits, at any depth.
    #[test]
    fn ancestry() {
        assert!(code("320581101").within(&code("320581")));
        assert!(code("320581101").within(&code("320500")));
        assert!(code("320581").within(&code("320000")));
        assert!(!code("320581101").within(&code("320582")));
        assert!(!code("320500").within(&code("320581")));
        assert_eq!(code("320581101").labels(), ["101", "81", "05", "32"]);
        assert_eq!(code("320500").labels(), ["05", "32"]);
        assert_eq!(code("320000").level(), Level::Province);
        assert!(records_go_up(&code("320581101"), &code("320581")));
        assert!(!records_go_up(&code("320581"), &code("320500")));
    }

    /// What is not a code is refused, not repaired.
    #[test]
    fn bad_codes() {
        for text in ["", "32058", "3205811", "32058a", "000000", "320500101", "３２０５８１"] {
            assert!(RegionCode::new(text).is_err(), "{text}");
        }
    }
}
