//! What a parent verifies of a report before it counts: that it is exactly what was asked, from whom it says it is.

use std::collections::BTreeSet;

use super::{Report, ReportTable, Wrong, implausible};
use crate::collection::{Collection, FieldKind, Group, Measure, Table};
use crate::lang::{Lang, Say};
use crate::partial::{MeasureKind, Partial, Value};
use crate::region::{RegionCode, Regions};
use crate::score::RuleRef;

/// The most characters of a group's key: a fund's code, a unit, the parameters of a method.
const LONGEST_KEY: usize = 200;
/// The most characters of a person's name.
const LONGEST_NAME: usize = 100;
/// The most rule sets that one report's records were scored under.
const MOST_RULES: usize = 200;

/// One reason to return a report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportProblem {
    /// It answers another collection.
    #[error("it answers the collection {0:?}")]
    Collection(String),
    /// It speaks for a region that isn't the peer's.
    #[error("it speaks for {claimed}, its sender is {peer}")]
    Region {
        /// The region in the report.
        claimed: RegionCode,
        /// The region in the sender's certificate.
        peer: RegionCode,
    },
    /// The collection doesn't ask this region.
    #[error("the collection does not ask {0}")]
    NotAsked(RegionCode),
    /// The period differs.
    #[error("its period is {0:?}")]
    Period(String),
    /// Revisions count from 1, and no database counts further than 64 bits with a sign.
    #[error("its revision is out of range")]
    Revision,
    /// Nobody let it leave, or whoever did has no name that can be shown.
    #[error("it does not say who approved it")]
    Approver,
    /// Its rule sets are too many, not sorted, or without a name.
    #[error("its list of rule sets is not in order")]
    Rules,
    /// A figure cannot be true.
    #[error("{}", .0.say(Lang::En))]
    Figure(Wrong),
    /// The tables aren't exactly the collection's, in its order.
    #[error("its tables are {0:?}")]
    Tables(Vec<String>),
    /// A group has more or fewer keys than there are groupings.
    #[error("table {table:?}: the group {group:?} does not fit the groupings")]
    Keys {
        /// The table.
        table: String,
        /// The group.
        group: String,
    },
    /// A group is keyed by a region outside the peer's.
    #[error("table {table:?} tells of the region {key:?}, which is not the sender's")]
    Outside {
        /// The table.
        table: String,
        /// The key.
        key: String,
    },
    /// Groups stand twice or aren't sorted.
    #[error("table {table:?}: the group {group:?} stands twice or out of order")]
    Order {
        /// The table.
        table: String,
        /// The group.
        group: String,
    },
    /// A group is smaller than the collection lets out.
    #[error("table {table:?}: the group {group:?} is too small")]
    Small {
        /// The table.
        table: String,
        /// The group.
        group: String,
    },
    /// A measure is missing, wasn't asked for, or isn't of the kind asked for.
    #[error("table {table:?}, group {group:?}: the measure {measure:?} is missing, not asked for or of another kind")]
    Measure {
        /// The table.
        table: String,
        /// The group.
        group: String,
        /// The measure.
        measure: String,
    },
    /// Numbers of records contradict one another.
    #[error("table {table:?}: the numbers of records contradict one another ({what})")]
    Counts {
        /// The table.
        table: String,
        /// The group or measure, or `total`.
        what: String,
    },
}

impl Say for ReportProblem {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::Collection(id) => format!("上报的是另一个归集任务“{id}”"),
            Self::Region { claimed, peer } => format!("上报地区 {claimed} 与证书地区 {peer} 不符"),
            Self::NotAsked(region) => format!("本任务没有要求 {region} 上报"),
            Self::Period(period) => format!("期间“{period}”与任务不符"),
            Self::Revision => "上报次序应从 1 起，逐次加 1".to_owned(),
            Self::Approver => {
                format!("没有写明审核人（须为 1 至 {LONGEST_NAME} 个可见字符）；请由审核人确认后重新上报")
            }
            Self::Rules => "所用计分规则的清单有误（重复、乱序或没有名称）；请重新评分后上报".to_owned(),
            Self::Figure(wrong) => wrong.say(lang),
            Self::Tables(tables) => format!("上报的表（{}）与任务不符", tables.join("、")),
            Self::Keys { table, group } => format!("表“{table}”的分组“{group}”与任务规定的分组字段不符"),
            Self::Outside { table, key } => format!("表“{table}”含有不属于上报地区的区划“{key}”"),
            Self::Order { table, group } => format!("表“{table}”的分组“{group}”重复或顺序不对"),
            Self::Small { table, group } => format!("表“{table}”的分组“{group}”小于任务规定的最小分组"),
            Self::Measure { table, group, measure } => {
                format!("表“{table}”分组“{group}”的“{measure}”缺少、多余或类型不符")
            }
            Self::Counts { table, what } => format!("表“{table}”的记录数前后矛盾（{what}）"),
        };
        lang.pick(&zh, &self.to_string()).to_owned()
    }
}

/// Checks a report against the collection it answers and the region that its sender's certificate names, which may
/// have got another code since. Empty if it can be accepted.
#[must_use]
pub fn check(report: &Report, collection: &Collection, peer: &RegionCode, regions: &Regions) -> Vec<ReportProblem> {
    let mut problems = Vec::new();
    if report.collection != collection.id {
        problems.push(ReportProblem::Collection(report.collection.clone()));
    }
    if report.region != *peer {
        problems.push(ReportProblem::Region { claimed: report.region.clone(), peer: peer.clone() });
    }
    if !collection.asks(peer, regions) {
        problems.push(ReportProblem::NotAsked(peer.clone()));
    }
    if report.period != collection.period {
        problems.push(ReportProblem::Period(report.period.clone()));
    }
    if i64::try_from(report.revision).map_or(true, |revision| revision == 0) {
        problems.push(ReportProblem::Revision);
    }
    if !rules_in_order(report) {
        problems.push(ReportProblem::Rules);
    }
    let tables: Vec<&String> = report.tables.iter().map(|table| &table.answer.table).collect();
    if tables.iter().copied().ne(collection.tables.iter().map(|table| &table.id)) {
        problems.push(ReportProblem::Tables(tables.into_iter().cloned().collect()));
        return problems;
    }
    for (told, asked) in report.tables.iter().zip(&collection.tables) {
        problems.extend(outside(told, asked, peer, regions));
        check_table(told, asked, collection.smallest_group, &mut problems);
    }
    // Figures of another form than was asked for are not weighed.
    if problems.is_empty() {
        problems.extend(implausible(report, collection).into_iter().map(ReportProblem::Figure));
    }
    problems
}

/// Checks that a report names who let it leave: the one thing that is known only when it leaves.
#[must_use]
pub fn check_approver(report: &Report) -> Option<ReportProblem> {
    let name = report.approved_by.trim();
    (name.is_empty() || !shown(&report.approved_by, LONGEST_NAME)).then_some(ReportProblem::Approver)
}

/// Whether a text is short enough to be shown, and holds nothing that cannot be seen.
fn shown(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && !text.chars().any(char::is_control)
}

fn rules_in_order(report: &Report) -> bool {
    let named = |rule: &RuleRef| !rule.key.is_empty() && shown(&rule.key, LONGEST_KEY) && rule.release > 0;
    report.rules.len() <= MOST_RULES
        && report.rules.iter().all(named)
        && report.rules.is_sorted_by(|one, next| one < next)
}

/// The keys that name a division other than the sender's.
fn outside(told: &ReportTable, asked: &Table, peer: &RegionCode, regions: &Regions) -> Vec<ReportProblem> {
    let keys = told.answer.groups.iter().flat_map(|group| group.keys.iter().zip(&asked.group_by));
    let named = keys.filter(|(_, field)| *field == "region").map(|(key, _)| key);
    let foreign = named.filter(|key| !RegionCode::new(key).is_ok_and(|region| regions.within(&region, peer)));
    foreign.map(|key| ReportProblem::Outside { table: asked.id.clone(), key: key.clone() }).collect()
}

fn check_table(told: &ReportTable, asked: &Table, smallest: u64, problems: &mut Vec<ReportProblem>) {
    let table = || asked.id.clone();
    let groups = &told.answer.groups;
    let in_groups = groups.iter().try_fold(told.withheld.records, |sum, group| sum.checked_add(group.records));
    if in_groups != Some(told.answer.records) || told.withheld.groups > told.withheld.records {
        problems.push(ReportProblem::Counts { table: table(), what: "total".into() });
    }
    for pair in groups.windows(2).filter(|pair| pair[0].keys >= pair[1].keys) {
        problems.push(ReportProblem::Order { table: table(), group: pair[1].keys.join("/") });
    }
    for group in groups {
        check_group(group, asked, smallest, problems);
    }
}

fn check_group(group: &Group, asked: &Table, smallest: u64, problems: &mut Vec<ReportProblem>) {
    let (table, name) = (asked.id.clone(), group.keys.join("/"));
    if group.keys.len() != asked.group_by.len() || !group.keys.iter().all(|key| shown(key, LONGEST_KEY)) {
        problems.push(ReportProblem::Keys { table: table.clone(), group: name.clone() });
    }
    if group.records < smallest.max(1) {
        problems.push(ReportProblem::Small { table: table.clone(), group: name.clone() });
    }
    let asked_ids: BTreeSet<&String> = asked.measures.iter().map(|measure| &measure.id).collect();
    let wrong = |measure: &str| ReportProblem::Measure {
        table: table.clone(),
        group: name.clone(),
        measure: measure.to_owned(),
    };
    problems.extend(group.measures.keys().filter(|id| !asked_ids.contains(id)).map(|id| wrong(id)));
    for measure in &asked.measures {
        match group.measures.get(&measure.id) {
            Some(partial) if partial.has_form(measure.kind, &measure.edges) && suits(partial, measure, asked) => {
                let bare =
                    measure.kind == MeasureKind::Count && measure.field.is_none() && measure.conditions.is_empty();
                if !plausible(partial, group.records, bare) {
                    problems
                        .push(ReportProblem::Counts { table: table.clone(), what: format!("{name} {}", measure.id) });
                }
            }
            _ => problems.push(wrong(&measure.id)),
        }
    }
}

/// Whether an extreme is a number or a day, as its field is.
fn suits(partial: &Partial, measure: &Measure, asked: &Table) -> bool {
    let (Partial::Min(Some(value)) | Partial::Max(Some(value))) = partial else { return true };
    let field = measure.field.as_deref().and_then(|name| asked.field(name));
    field.is_none_or(|field| (field.kind == FieldKind::Day) == matches!(value, Value::Date(_)))
}

/// No more records are counted than there are, and a count of all counts all.
fn plausible(partial: &Partial, records: u64, all: bool) -> bool {
    match partial {
        Partial::Count(count) => *count <= records && (!all || *count == records),
        Partial::Histogram { counts, .. } => {
            counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count)).is_some_and(|sum| sum <= records)
        }
        _ => true,
    }
}
