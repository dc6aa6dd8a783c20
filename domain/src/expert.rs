//! The roster of experts (专家库): who may review what, and which counties get to see them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use crate::catalog::Audience;
use crate::lang::{Lang, Say};
use crate::region::{Level, RegionCode};

time::serde::format_description!(iso_day, Date, "[year]-[month]-[day]");

/// 专家. Holds no contact data: `contact_ref` points to where the roster's keeper has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expert {
    /// 专家编号
    pub expert_id: String,
    /// 显示名
    pub display_name: String,
    /// 主评领域
    #[serde(default)]
    pub primary_field: String,
    /// 其他领域 as written, see [`Expert::fields`]
    #[serde(default)]
    pub other_fields: String,
    /// 专长
    #[serde(default)]
    pub specialty: String,
    /// 职称
    #[serde(default)]
    pub title: String,
    /// 从业年限
    #[serde(default)]
    pub years_in_field: Option<u32>,
    /// 单位类型
    #[serde(default)]
    pub org_type: String,
    /// 所在单位
    #[serde(default)]
    pub org_ref: String,
    /// 常驻区划 as written
    pub base_region: RegionCode,
    /// 共享范围: 全市共享, 本县及乡镇 or 仅市级
    #[serde(default)]
    pub share_scope: String,
    /// 回避单位 as written
    #[serde(default)]
    pub avoid_orgs: String,
    /// 回避区划 as written
    #[serde(default)]
    pub avoid_regions: String,
    /// 聘期起
    #[serde(default, with = "iso_day::option")]
    pub term_start: Option<Date>,
    /// 聘期止
    #[serde(default, with = "iso_day::option")]
    pub term_end: Option<Date>,
    /// 状态: 在库, 暂停, 退出
    #[serde(default)]
    pub status: String,
    /// 本年任务数
    #[serde(default)]
    pub tasks_this_year: Option<u32>,
    /// 年度任务上限
    #[serde(default)]
    pub max_tasks_per_year: Option<u32>,
    /// 最近派单日
    #[serde(default, with = "iso_day::option")]
    pub last_assigned: Option<Date>,
    /// 最近考评得分
    #[serde(default)]
    pub last_review_score: Option<Decimal>,
    /// 联系方式索引
    #[serde(default)]
    pub contact_ref: String,
    /// 版本
    #[serde(default)]
    pub version: Option<u32>,
    /// 备注
    #[serde(default)]
    pub note: String,
}

/// Why an expert can't be shared as the roster says, so that only the publisher sees them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeDoubt {
    /// No scope was given.
    #[error("no share scope")]
    Blank,
    /// The scope is none of the known words.
    #[error("unknown share scope {0:?}")]
    Unknown(String),
    /// Sharing with a county was asked for, but the base region is none.
    #[error("share scope names a county, but {0} is none")]
    NotACounty(RegionCode),
}

impl Say for ScopeDoubt {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Blank, Lang::Zh) => "共享范围未填，暂仅本级可见".to_owned(),
            (Self::Blank, Lang::En) => "no share scope, so only the publisher sees the entry".to_owned(),
            (Self::Unknown(word), Lang::Zh) => format!("共享范围“{word}”无法识别，暂仅本级可见"),
            (Self::Unknown(word), Lang::En) => {
                format!("share scope {word:?} is not known, so only the publisher sees the entry")
            }
            (Self::NotACounty(code), Lang::Zh) => format!("共享给本县，但 {code} 不是县级区划，暂仅本级可见"),
            (Self::NotACounty(code), Lang::En) => {
                format!("shared with a county, but {code} is none, so only the publisher sees the entry")
            }
        }
    }
}

impl Expert {
    /// Whom the entry is for. A former county code stays as written: whoever sends knows the codes in use.
    ///
    /// # Errors
    /// [`ScopeDoubt`] where the scope can't be followed; the safe answer then is [`Audience::PublisherOnly`].
    pub fn audience(&self) -> Result<Audience, ScopeDoubt> {
        match self.share_scope.trim() {
            "全市共享" => Ok(Audience::Everyone),
            "仅市级" => Ok(Audience::PublisherOnly),
            "本县及乡镇" if self.base_region.level() == Level::County => {
                Ok(Audience::Region(self.base_region.clone()))
            }
            "本县及乡镇" => Err(ScopeDoubt::NotACounty(self.base_region.clone())),
            "" => Err(ScopeDoubt::Blank),
            other => Err(ScopeDoubt::Unknown(other.to_owned())),
        }
    }

    /// All fields of the expert, the primary one first, whichever separators the roster used.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        let others = self.other_fields.split([';', '；', '、', ',', '，']);
        std::iter::once(self.primary_field.as_str()).chain(others).map(str::trim).filter(|f| !f.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expert(scope: &str, region: &str) -> Expert {
        let json = format!(
            r#"{{"expert_id":"EXP-001","display_name":"专家001","primary_field":"法律","base_region":"{region}",
            "other_fields":"生态环境；水利水务、住房保障与城建","share_scope":"{scope}","term_end":"2025-12-31"}}"#
        );
        serde_json::from_str(&json).expect("an expert")
    }

    /// The scope decides who gets the entry; where it is in doubt nobody else does.
    #[test]
    fn scopes() {
        let code = |text: &str| RegionCode::new(text).expect("a code");
        assert_eq!(expert("全市共享", "320581").audience(), Ok(Audience::Everyone));
        assert_eq!(expert("仅市级", "320581").audience(), Ok(Audience::PublisherOnly));
        assert_eq!(expert("本县及乡镇", "320571").audience(), Ok(Audience::Region(code("320571"))));
        assert_eq!(expert("本县及乡镇", "320500").audience(), Err(ScopeDoubt::NotACounty(code("320500"))));
        assert_eq!(expert("", "320581").audience(), Err(ScopeDoubt::Blank));
        assert_eq!(expert("全省", "320581").audience(), Err(ScopeDoubt::Unknown("全省".into())));
    }

    /// Mixed separators part the fields, and the stored form reads back.
    #[test]
    fn fields_and_stored_form() {
        let expert = expert("", "320581");
        assert_eq!(expert.fields(), ["法律", "生态环境", "水利水务", "住房保障与城建"]);
        let json = serde_json::to_string(&expert).expect("JSON");
        assert!(json.contains(r#""term_end":"2025-12-31""#) && json.contains(r#""term_start":null"#));
        assert_eq!(serde_json::from_str::<Expert>(&json).expect("written above"), expert);
    }
}
