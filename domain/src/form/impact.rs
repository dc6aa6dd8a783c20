//! 影响: what a new release of a form does to documents that exist, told before it is published. A field is never
//! removed, renamed or given another kind; it is retired, and a new one is made.

use std::collections::BTreeMap;

use super::{Check, Choice, Consequence, Definition, Field, Flow, Kind};
use crate::lang::{Lang, Say};

/// One difference between two releases of a form. Places are as in [`Definition::field_at`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormChange {
    /// It is about something else, or for other periods.
    SubjectChanged,
    /// It is another form.
    CodeChanged {
        /// Before.
        before: String,
        /// After.
        after: String,
    },
    /// A field more.
    FieldAdded {
        /// What it is called.
        title: String,
        /// Whether documents lack something now that must be there.
        required: bool,
    },
    /// A field less.
    FieldRemoved {
        /// Where it was.
        place: String,
        /// What it was called.
        title: String,
    },
    /// Nobody fills it in any more.
    FieldRetired(String),
    /// It is filled in again.
    FieldRevived(String),
    /// It holds something else.
    KindChanged {
        /// What it is called.
        title: String,
        /// What it held.
        before: Kind,
        /// What it is to hold.
        after: Kind,
    },
    /// It is called something else.
    TitleChanged {
        /// Before.
        before: String,
        /// After.
        after: String,
    },
    /// It must be filled in now.
    Required(String),
    /// It need not be filled in any more.
    Optional(String),
    /// Values that were right may be too small, too large, too long or too exact now.
    LimitsNarrowed(String),
    /// What it follows from, or where it is filled in from, is another.
    OriginChanged(String),
    /// Another level fills it in, or it is filled in another state.
    FilledElsewhere(String),
    /// It is asked under another condition.
    AskedOtherwise(String),
    /// More of it may leave than before, or something else.
    LeavingChanged(String),
    /// It was personal, and is to be so no more.
    NoLongerPersonal(String),
    /// A choice more.
    ChoiceAdded {
        /// The field.
        title: String,
        /// The choice.
        choice: String,
    },
    /// A choice that nobody chooses any more.
    ChoiceRetired {
        /// The field.
        title: String,
        /// The choice.
        choice: String,
    },
    /// A choice less.
    ChoiceRemoved {
        /// The field.
        title: String,
        /// The choice.
        choice: String,
    },
    /// A check more.
    CheckAdded(String),
    /// A check less.
    CheckRemoved(String),
    /// A check that does more than before.
    CheckStricter(String),
    /// A check that asks something else, or does less.
    CheckChanged(String),
    /// A state more.
    StateAdded(String),
    /// A state less.
    StateRemoved(String),
    /// A state in which something else may be done, or that counts otherwise.
    StateChanged(String),
    /// The steps are others.
    StepsChanged,
    /// The sheet or the list looks otherwise.
    LooksChanged,
}

impl FormChange {
    /// Whether it cannot be published, because documents that exist could not be read any more.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(
            self,
            Self::CodeChanged { .. }
                | Self::SubjectChanged
                | Self::FieldRemoved { .. }
                | Self::KindChanged { .. }
                | Self::ChoiceRemoved { .. }
                | Self::StateRemoved(_)
        )
    }

    /// Whether documents that were complete may not be so under the new release.
    #[must_use]
    pub fn is_stricter(&self) -> bool {
        matches!(
            self,
            Self::FieldAdded { required: true, .. }
                | Self::Required(_)
                | Self::LimitsNarrowed(_)
                | Self::CheckAdded(_)
                | Self::CheckStricter(_)
        )
    }
}

/// What is different after, fields first, in the order in which they stand.
#[must_use]
pub fn changes(before: &Definition, after: &Definition) -> Vec<FormChange> {
    let mut found = Vec::new();
    if before.code != after.code {
        found.push(FormChange::CodeChanged { before: before.code.clone(), after: after.code.clone() });
    }
    if before.subject != after.subject || before.kept_as != after.kept_as {
        found.push(FormChange::SubjectChanged);
    }
    let old: BTreeMap<String, &Field> = before.places().collect();
    for (place, field) in after.places() {
        match old.get(&place) {
            Some(old) => of_field(old, field, &mut found),
            None => found.push(FormChange::FieldAdded {
                title: field.title.clone(),
                required: field.required && field.is_typed(),
            }),
        }
    }
    let gone = before.places().filter(|(place, _)| after.field_at(place).is_none());
    found.extend(gone.map(|(place, field)| FormChange::FieldRemoved { place, title: field.title.clone() }));
    of_checks(&before.checks, &after.checks, &mut found);
    of_flow(&before.flow, &after.flow, &mut found);
    if before.layout != after.layout || before.list != after.list {
        found.push(FormChange::LooksChanged);
    }
    found
}

fn of_field(before: &Field, after: &Field, found: &mut Vec<FormChange>) {
    let title = || after.title.clone();
    if before.kind != after.kind || before.of != after.of {
        let (before, after) = (before.kind.clone(), after.kind.clone());
        found.push(FormChange::KindChanged { title: title(), before, after });
    }
    if before.title != after.title {
        found.push(FormChange::TitleChanged { before: before.title.clone(), after: title() });
    }
    match (before.retired, after.retired) {
        (false, true) => found.push(FormChange::FieldRetired(title())),
        (true, false) => found.push(FormChange::FieldRevived(title())),
        _ => {}
    }
    match (before.required, after.required) {
        (false, true) => found.push(FormChange::Required(title())),
        (true, false) => found.push(FormChange::Optional(title())),
        _ => {}
    }
    if is_narrower(before, after) {
        found.push(FormChange::LimitsNarrowed(title()));
    }
    if before.derived != after.derived || before.from != after.from {
        found.push(FormChange::OriginChanged(title()));
    }
    if before.level != after.level || before.fill != after.fill {
        found.push(FormChange::FilledElsewhere(title()));
    }
    if before.when != after.when {
        found.push(FormChange::AskedOtherwise(title()));
    }
    if before.leaves != after.leaves {
        found.push(FormChange::LeavingChanged(title()));
    }
    if before.personal && !after.personal {
        found.push(FormChange::NoLongerPersonal(title()));
    }
    of_choices(before, after, found);
}

/// Whether a value that was within the limits before may be outside of them now.
fn is_narrower(before: &Field, after: &Field) -> bool {
    let least = after.least.is_some_and(|now| before.least.is_none_or(|then| now > then));
    let most = after.most.is_some_and(|now| before.most.is_none_or(|then| now < then));
    let longest = after.longest.is_some_and(|now| before.longest.is_none_or(|then| now < then));
    let exact = before.kind.is_number() && after.decimals() < before.decimals();
    least || most || longest || exact
}

fn of_choices(before: &Field, after: &Field, found: &mut Vec<FormChange>) {
    let title = || after.title.clone();
    let choice = |choice: &Choice| choice.text.clone();
    for now in &after.choices {
        match before.choices.iter().find(|then| then.code == now.code) {
            None => found.push(FormChange::ChoiceAdded { title: title(), choice: choice(now) }),
            Some(then) => {
                if !then.retired && now.retired {
                    found.push(FormChange::ChoiceRetired { title: title(), choice: choice(now) });
                }
                if then.text != now.text {
                    found.push(FormChange::TitleChanged { before: then.text.clone(), after: choice(now) });
                }
            }
        }
    }
    let gone = before.choices.iter().filter(|then| after.choices.iter().all(|now| now.code != then.code));
    found.extend(gone.map(|then| FormChange::ChoiceRemoved { title: title(), choice: choice(then) }));
}

fn of_checks(before: &[Check], after: &[Check], found: &mut Vec<FormChange>) {
    for now in after {
        match before.iter().find(|then| then.name == now.name) {
            None => found.push(FormChange::CheckAdded(now.says.clone())),
            Some(then) if severity(&now.then) > severity(&then.then) => {
                found.push(FormChange::CheckStricter(now.says.clone()));
            }
            Some(then) if then != now => found.push(FormChange::CheckChanged(now.says.clone())),
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|then| after.iter().all(|now| now.name != then.name));
    found.extend(gone.map(|then| FormChange::CheckRemoved(then.says.clone())));
}

/// How much a check demands; what is not known is taken for the most.
fn severity(then: &Consequence) -> u8 {
    match then {
        Consequence::Warn => 0,
        Consequence::Review => 1,
        Consequence::Reason => 2,
        Consequence::Block => 3,
        Consequence::Unknown(_) => 4,
    }
}

fn of_flow(before: &Flow, after: &Flow, found: &mut Vec<FormChange>) {
    for now in &after.states {
        match before.state(&now.name) {
            None => found.push(FormChange::StateAdded(now.title.clone())),
            Some(then) if then != now => found.push(FormChange::StateChanged(now.title.clone())),
            Some(_) => {}
        }
    }
    let gone = before.states.iter().filter(|then| after.state(&then.name).is_none());
    found.extend(gone.map(|then| FormChange::StateRemoved(then.title.clone())));
    if before.steps != after.steps {
        found.push(FormChange::StepsChanged);
    }
}

impl Say for FormChange {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = self.of_a_field().unwrap_or_else(|| self.of_the_rest());
        match lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

impl FormChange {
    fn of_a_field(&self) -> Option<(String, String)> {
        Some(match self {
            Self::FieldAdded { title, required: true } => (
                format!("新增必填字段“{title}”，按新版填报的单据须补填"),
                format!("field “{title}” is added and required"),
            ),
            Self::FieldAdded { title, .. } => (format!("新增字段“{title}”"), format!("field “{title}” is added")),
            Self::FieldRemoved { place, title } => (
                format!("字段“{title}”（{place}）不能删除，请改为停用"),
                format!("field “{title}” ({place}) cannot be removed; retire it"),
            ),
            Self::FieldRetired(title) => {
                (format!("字段“{title}”停用，已填的保留"), format!("field “{title}” is retired"))
            }
            Self::FieldRevived(title) => (format!("字段“{title}”恢复使用"), format!("field “{title}” is used again")),
            Self::KindChanged { title, before, after } => (
                format!(
                    "字段“{title}”的类型不能由“{}”改为“{}”（引用的目录或表单也不能改），请停用它并新增一个字段",
                    before.text(Lang::Zh),
                    after.text(Lang::Zh)
                ),
                format!(
                    "field “{title}” cannot become “{}” from “{}”; retire it and add another",
                    after.text(Lang::En),
                    before.text(Lang::En)
                ),
            ),
            Self::TitleChanged { before, after } => {
                (format!("“{before}”改称“{after}”，请确认含义未变"), format!("“{before}” is now called “{after}”"))
            }
            Self::Required(title) => {
                (format!("字段“{title}”改为必填，按新版填报的单据须补填"), format!("field “{title}” is required now"))
            }
            Self::Optional(title) => (format!("字段“{title}”不再必填"), format!("field “{title}” is optional now")),
            Self::LimitsNarrowed(title) => (
                format!("字段“{title}”的范围收紧，已填的可能超出，须改正后才能送审"),
                format!("the limits of field “{title}” are narrower"),
            ),
            Self::FilledElsewhere(title) => (
                format!("字段“{title}”改由另一层级或在另一状态下填写；改用新版时，由县级填写的不带入"),
                format!("field “{title}” is filled in by another level or in another state"),
            ),
            Self::OriginChanged(title) => (
                format!("字段“{title}”的计算或自动带出有变，按新版重新计算"),
                format!("field “{title}” comes from elsewhere"),
            ),
            Self::AskedOtherwise(title) => {
                (format!("字段“{title}”的显示条件有变"), format!("field “{title}” is asked under another condition"))
            }
            Self::LeavingChanged(title) => {
                (format!("字段“{title}”可归集的内容有变，请确认"), format!("what leaves of field “{title}” changes"))
            }
            Self::NoLongerPersonal(title) => {
                (format!("字段“{title}”不再作为个人信息遮盖，请确认"), format!("field “{title}” is no longer personal"))
            }
            Self::ChoiceAdded { title, choice } => {
                (format!("“{title}”新增选项“{choice}”"), format!("“{title}” has the choice “{choice}” more"))
            }
            Self::ChoiceRetired { title, choice } => (
                format!("“{title}”的选项“{choice}”停用，已选的保留"),
                format!("the choice “{choice}” of “{title}” is retired"),
            ),
            Self::ChoiceRemoved { title, choice } => (
                format!("“{title}”的选项“{choice}”不能删除，请改为停用"),
                format!("the choice “{choice}” of “{title}” cannot be removed; retire it"),
            ),
            _ => return None,
        })
    }

    fn of_the_rest(&self) -> (String, String) {
        match self {
            Self::CodeChanged { before, after } => (
                format!("表单编码不能由“{before}”改为“{after}”，请另建一张表单"),
                format!("the code cannot become “{after}” from “{before}”; make another form"),
            ),
            Self::CheckAdded(says) => (format!("新增校验：{says}"), format!("a check is added: {says}")),
            Self::CheckRemoved(says) => (format!("取消校验：{says}"), format!("a check is dropped: {says}")),
            Self::CheckStricter(says) => (format!("校验更严：{says}"), format!("a check is stricter: {says}")),
            Self::CheckChanged(says) => (format!("校验有变：{says}"), format!("a check is changed: {says}")),
            Self::StateAdded(title) => (format!("新增状态“{title}”"), format!("state “{title}” is added")),
            Self::StateRemoved(title) => (
                format!("状态“{title}”不能删除，可能有单据正处于该状态，请保留它，只改步骤"),
                format!("state “{title}” cannot be removed while documents may be in it"),
            ),
            Self::StateChanged(title) => {
                (format!("状态“{title}”的填写、汇总或时限有变"), format!("state “{title}” is changed"))
            }
            Self::SubjectChanged => (
                "填报对象和频次不能改，请另建一张表单".to_owned(),
                "what it is about and how often cannot be changed; make another form".to_owned(),
            ),
            Self::StepsChanged => ("流程的步骤有变".to_owned(), "the steps of the flow are changed".to_owned()),
            _ => ("版式或列表有变".to_owned(), "the sheet or the list looks otherwise".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
