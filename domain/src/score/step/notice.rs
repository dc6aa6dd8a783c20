//! Steps that change or question a score: what was read, cut or is still owed.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Award, Side, plain};
use crate::lang::{Lang, Say};

/// What else is to be said about a line (提示).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
#[allow(missing_docs, reason = "fields are the figures of the sentence that a variant's comment gives")]
pub enum Notice {
    /// A typed value was read as a plain number.
    Read { side: Side, text: String, value: Decimal },
    /// Exceeded by more than a step: a reason is due.
    OverAchieved { ratio: Decimal, above: Decimal, cut_pct: Decimal },
    /// A reviewer confirmed that the target was low: cut.
    LowTargetCut { weight: Decimal, cut_pct: Decimal, score: Decimal },
    /// A reason for the deviation is due.
    ReasonDue,
    /// What the likelier reading of contradicting figures would give: a proposal, no score.
    Proposed { award: Award },
    /// 自评得分 differs.
    SelfScoreDiffers { reported: Decimal, computed: Decimal },
}

impl Say for Notice {
    fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.chinese(),
            Lang::En => self.english(),
        }
    }
}

impl Notice {
    fn chinese(&self) -> String {
        match self {
            Self::Read { side: which, text, value } => {
                format!("{}“{}”按 {} 计", which.chinese(), text.trim(), plain(value))
            }
            Self::OverAchieved { ratio, above, cut_pct } => format!(
                "完成值是指标值的 {} 倍，超过 {} 倍，请说明原因；复核确认指标值设定偏低的，扣分值的 {} %",
                plain(ratio),
                plain(above),
                plain(cut_pct)
            ),
            Self::LowTargetCut { weight, cut_pct, score } => {
                format!("复核已确认指标值设定偏低：扣分值 {} 的 {} %，得 {score}", plain(weight), plain(cut_pct))
            }
            Self::Proposed { award } => format!("供复核参考：{}", award.say(Lang::Zh)),
            Self::ReasonDue => "请填写偏差原因分析及改进措施".to_owned(),
            Self::SelfScoreDiffers { reported, computed } => {
                format!("自评得分 {} 与按规则计算的 {computed} 不一致，请核对", plain(reported))
            }
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Read { side: which, text, value } => {
                format!("{} \"{}\" is read as {}", which.english(), text.trim(), plain(value))
            }
            Self::OverAchieved { ratio, above, cut_pct } => format!(
                "the actual is {} times the target, more than {}: please give the reason; if a reviewer confirms that the target was low, {} % of the weight goes",
                plain(ratio),
                plain(above),
                plain(cut_pct)
            ),
            Self::LowTargetCut { weight, cut_pct, score } => format!(
                "a reviewer confirmed that the target was low: {} % of the weight {} goes, score {score}",
                plain(cut_pct),
                plain(weight)
            ),
            Self::Proposed { award } => format!("for the reviewer: {}", award.say(Lang::En)),
            Self::ReasonDue => "please give the reason for the deviation and the remedy".to_owned(),
            Self::SelfScoreDiffers { reported, computed } => {
                format!("the reported score {} differs from the computed {computed}: please check", plain(reported))
            }
        }
    }
}
