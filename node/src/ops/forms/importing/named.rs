//! Which document each line of a file is about, which lines are about the same one, and which cannot be about what they
//! say.

use std::collections::{BTreeMap, HashMap};

use tongpin_console::sheet::documents::{FilledDocument, Name};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Definition, Document, Per, SubjectOf};
use tongpin_domain::intake::Words;
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;

use crate::ops::forms::begin;

/// Other lines that a line is told to be the same as.
const SHOWN: usize = 3;

/// A line with what tells its document from others.
pub(super) struct Named<'a> {
    pub(super) filled: &'a FilledDocument,
    pub(super) keeper: String,
    /// The id that it means, or that follows from it.
    pub(super) id: String,
    /// The first other lines about the same document.
    pub(super) twins: Vec<u64>,
}

/// A line is refused, and at which of its cells.
pub(super) type Refused = (Words, Option<Name>);

/// The lines of a file that have to be looked at: those that somebody changed, and all of those that are about one
/// document, because one was copied from another.
pub(super) fn to_look_at<'a>(
    definition: &Definition,
    documents: &'a [FilledDocument],
    own: &RegionCode,
) -> Vec<Named<'a>> {
    let mut all: Vec<Named<'a>> = documents.iter().map(|filled| named(definition, filled, own)).collect();
    let mut same: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (at, line) in all.iter().enumerate().filter(|(_, line)| names_one(definition, line.filled)) {
        same.entry((&line.keeper, &line.id)).or_default().push(at);
    }
    let twins: Vec<Vec<usize>> = same.into_values().filter(|lines| lines.len() > 1).collect();
    for lines in &twins {
        for at in lines {
            let others = lines.iter().filter(|other| *other != at).take(SHOWN);
            let others = others.filter_map(|other| documents.get(*other)).map(|filled| filled.line).collect();
            if let Some(line) = all.get_mut(*at) {
                line.twins = others;
            }
        }
    }
    all.retain(|line| !line.twins.is_empty() || line.filled.is_edited(definition));
    all
}

/// Whether a line tells which document it is about; one that does not is refused for that.
fn names_one(definition: &Definition, filled: &FilledDocument) -> bool {
    let of = &definition.subject.of;
    let about = matches!(of, SubjectOf::Nothing | SubjectOf::Region) || !filled.subject.is_empty();
    !filled.id.is_empty() || (about && definition.subject.per.has(&filled.period))
}

fn named<'a>(definition: &Definition, filled: &'a FilledDocument, own: &RegionCode) -> Named<'a> {
    let keeper = if filled.keeper.is_empty() { own.to_string() } else { filled.keeper.clone() };
    let id = if !filled.id.is_empty() {
        filled.id.clone()
    } else if definition.subject.several {
        // The same line is the same document, however often it comes.
        let given = filled.over(definition, &BTreeMap::new()).given;
        let given = serde_json::to_string(&given).unwrap_or_default();
        let parts = [filled.subject.as_bytes(), filled.period.as_bytes(), given.as_bytes()];
        format!("f-{}", Digest::of_parts(parts).to_string().get(..24).unwrap_or_default())
    } else {
        let subject = match definition.subject.of {
            SubjectOf::Region if filled.subject.is_empty() => own.as_str(),
            SubjectOf::Nothing => "",
            _ => &filled.subject,
        };
        begin::numbered(definition, subject, &filled.period, None).unwrap_or_default()
    };
    Named { filled, keeper, id, twins: Vec::new() }
}

impl Named<'_> {
    /// Refuses a line that is about the same document as another: nobody can tell which of them is meant.
    pub(super) fn alone(&self) -> Result<(), Refused> {
        if self.twins.is_empty() {
            return Ok(());
        }
        let lines = self.twins.iter().map(u64::to_string).collect::<Vec<_>>();
        let zh = format!(
            "与第 {} 行是同一份单据，都没有导入；请只保留一行，要新建的请在空行中填写，不要复制整行",
            lines.join("、")
        );
        let en = format!(
            "the same document as on line {}, and neither is imported; keep one, and begin a new one on a blank line",
            lines.join(", ")
        );
        let by = if self.filled.id.is_empty() { Name::Subject } else { Name::Id };
        Err((Words::new(zh, en), Some(by)))
    }

    /// Refuses a line that is about something else than its document.
    pub(super) fn about_the_same(&self, document: &Document) -> Result<(), Refused> {
        for (name, said, is, zh, en) in [
            (Name::Subject, &self.filled.subject, &document.subject, "对象", "what it is about"),
            (Name::Period, &self.filled.period, &document.period, "期间", "its period"),
        ] {
            if !said.is_empty() && said != is {
                let zh = format!(
                    "单据的{zh}是“{is}”，不能改为“{said}”；要新建的，请在空行中填写，不要复制整行，不填单据编号"
                );
                let en =
                    format!("{en} is {is:?} and cannot become {said:?}; begin another on a blank line, without an id");
                return Err((Words::new(zh, en), Some(name)));
            }
        }
        Ok(())
    }

    /// Refuses a line that cannot begin a document here.
    pub(super) fn new_here(&self, definition: &Definition, own: &RegionCode) -> Result<(), Refused> {
        let filled = self.filled;
        let from_another = filled.is_stamped() && (!filled.id.is_empty() || definition.subject.several);
        if from_another && filled.id.is_empty() {
            let zh = "这一行是从已有单据复制的，没有单据编号：要修改原单据的，请恢复单据编号；要新建的，请在空行中填写";
            let en = "it was copied from a document and has no id: put the id back, or begin another on a blank line";
            return Err((Words::new(zh, en), Some(Name::Id)));
        }
        if from_another {
            let zh = "没有这份单据（已作废，或单据编号、填报单位代码被改动）；请重新下载后填写";
            let en = "there is no such document; it was removed, or its id was changed: export them anew";
            return Err((Words::new(zh, en), Some(Name::Id)));
        }
        if self.keeper != own.as_str() {
            let zh = format!("填报单位代码“{}”不是本单位；新单据此列不填", self.keeper);
            let en = format!("{:?} is not this bureau; leave it blank for a new document", self.keeper);
            return Err((Words::new(zh, en), Some(Name::Keeper)));
        }
        let per = &definition.subject.per;
        if per.has(&filled.period) {
            return Ok(());
        }
        let like = match per {
            Per::Year => "2026",
            Per::Quarter => "2026Q3",
            Per::Month => "2026-03",
            Per::Round => "2026-1",
            Per::Once | Per::Unknown(_) => "",
        };
        let zh = format!("期间“{}”不对：此表按{}填报，应如 {like}", filled.period, per.text(Lang::Zh));
        let en = format!("{:?} is no period of this form ({}), such as {like}", filled.period, per.text(Lang::En));
        Err((Words::new(zh, en), Some(Name::Period)))
    }
}
