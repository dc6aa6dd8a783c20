//! 本级增补: what a county adds to a form of the city for itself and its townships: fields, columns of tables, stricter
//! limits and checks, a part of the sheet. What the city asks stays as it is, so that what it collects is the
//! same everywhere.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    Block, Check, Definition, DefinitionFault, DefinitionProblem, Document, Field, FormChange, Grouped, Kind, changes,
};
use crate::lang::{Lang, Say};

/// The catalog of what a bureau adds to forms from above (本级增补): an entry for each form, under its code.
pub const SUPPLEMENTS: &str = "supplements";

/// What stands above the fields that are added and laid out nowhere.
const PART: &str = "本级增补";

/// 本级增补: an entry of the catalog [`SUPPLEMENTS`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplement {
    /// The form's code.
    pub code: String,
    /// Fields more, tables among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Columns more, by the form's table that they are added to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, Vec<Field>>,
    /// What is demanded more of the form's fields, by their places (see [`Definition::field_at`]).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stricter: BTreeMap<String, Stricter>,
    /// Checks more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Parts of the sheet more, behind those of the form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
}

/// What is demanded more of a field than the form does. What the form demands itself by now is demanded anyway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stricter {
    /// It must be filled in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// The least that a number may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<Decimal>,
    /// The most that a number may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<Decimal>,
    /// The most characters of a text, the most rows of a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<usize>,
}

impl Stricter {
    /// What `now` demands more than `then`; `None` if nothing.
    fn of(then: &Field, now: &Field) -> Option<Self> {
        let found = Self {
            required: now.required && !then.required,
            least: now.least.filter(|now| then.least.is_none_or(|then| *now > then)),
            most: now.most.filter(|now| then.most.is_none_or(|then| *now < then)),
            longest: now.longest.filter(|now| then.longest.is_none_or(|then| *now < then)),
        };
        Some(found).filter(|found| *found != Self::default())
    }

    fn demand(self, field: &mut Field) {
        let stricter =
            Self::of(field, &Field { least: self.least, most: self.most, longest: self.longest, ..field.clone() });
        let stricter = stricter.unwrap_or_default();
        field.required |= self.required;
        field.least = stricter.least.or(field.least);
        field.most = stricter.most.or(field.most);
        field.longest = stricter.longest.or(field.longest);
    }
}

/// 版次: a release of a form, and with it that of what the county adds; 0 where it adds nothing. Written `5`, or `5+2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edition {
    /// The release of the form's entry.
    pub release: u64,
    /// The release of the supplement's entry.
    pub added: u64,
}

impl Edition {
    /// 第 5 版，本级增补第 2 版
    #[must_use]
    pub fn shown(self, lang: Lang) -> String {
        let Self { release, added } = self;
        match (lang, added) {
            (Lang::Zh, 0) => format!("第 {release} 版"),
            (Lang::Zh, _) => format!("第 {release} 版（本级增补第 {added} 版）"),
            (Lang::En, 0) => format!("release {release}"),
            (Lang::En, _) => format!("release {release} with our additions of release {added}"),
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.added {
            0 => write!(f, "{}", self.release),
            added => write!(f, "{}+{added}", self.release),
        }
    }
}

impl From<u64> for Edition {
    /// A release to which nothing is added.
    fn from(release: u64) -> Self {
        Self { release, added: 0 }
    }
}

impl FromStr for Edition {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (release, added) = text.split_once('+').unwrap_or((text, "0"));
        Ok(Self { release: release.parse()?, added: added.parse()? })
    }
}

/// Why something is no supplement to a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SupplementFault {
    /// It changes what is asked from above.
    Changed(FormChange),
    /// It changes words, the order or something else of what is asked from above.
    Rewritten,
    /// A field more that is to leave: the city collects by its own form alone.
    Leaves(String),
    /// It adds nothing.
    Nothing,
    /// The form of this code is not in force any more.
    NoForm(String),
}

impl Say for SupplementFault {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Changed(change), Lang::Zh) => {
                format!(
                    "{}：上级表单的内容不能改，请改回原样；只能增加字段、列、校验，或把必填、上下限收紧",
                    change.say(lang)
                )
            }
            (Self::Changed(change), Lang::En) => {
                format!(
                    "{}: a form from above is not changed; only add fields, columns and checks, or narrow limits",
                    change.say(lang)
                )
            }
            (Self::Rewritten, Lang::Zh) => {
                "上级表单原有的说明、选项、版式或顺序有改动，请从本页重新下载工作簿，只在其中增加".to_owned()
            }
            (Self::Rewritten, Lang::En) => {
                "hints, choices, the sheet or the order of the form from above are changed; export it anew and only add"
                    .to_owned()
            }
            (Self::Leaves(title), Lang::Zh) => format!("本级增加的字段“{title}”不能归集到市，请删去它的“可归集”"),
            (Self::Leaves(title), Lang::En) => format!("“{title}” is the county's own and may not leave"),
            (Self::Nothing, Lang::Zh) => "与上级表单相同，没有增加任何内容；请先在工作簿中增加字段或校验".to_owned(),
            (Self::Nothing, Lang::En) => "it adds nothing to the form from above".to_owned(),
            (Self::NoForm(code), Lang::Zh) => format!("上级已停用编码为“{code}”的表单，不再有可增补的内容；请放弃草稿"),
            (Self::NoForm(code), Lang::En) => format!("the level above has retired the form {code}; discard the draft"),
        }
    }
}

impl Document {
    /// What it is filled in under.
    #[must_use]
    pub fn edition(&self) -> Edition {
        Edition { release: self.release, added: self.added }
    }
}

impl Supplement {
    /// What a form demands more than it does from above, as a county wrote it into the form itself.
    ///
    /// # Errors
    /// Everything in it that is not added but changed, and what is wrong with the form that comes of it.
    pub fn between(above: &Definition, wanted: &Definition) -> Result<Self, Vec<DefinitionProblem>> {
        let mut problems = Vec::new();
        let rest = without_additions(above, wanted);
        if rest != *above {
            problems.extend(changes(above, &rest).into_iter().map(SupplementFault::Changed));
            if problems.is_empty() {
                problems.push(SupplementFault::Rewritten);
            }
        }
        let found = Self::found(above, wanted);
        let leaving = found.fields.iter().flat_map(|field| std::iter::once(field).chain(&field.fields));
        for field in leaving.chain(found.columns.values().flatten()).filter(|field| !field.leaves.is_empty()) {
            problems.push(SupplementFault::Leaves(field.title.clone()));
        }
        if problems.is_empty() && (found == Self { code: found.code.clone(), ..Self::default() }) {
            problems.push(SupplementFault::Nothing);
        }
        if !problems.is_empty() {
            let told = problems.into_iter().map(|fault| DefinitionProblem::new("", DefinitionFault::Supplement(fault)));
            return Err(told.collect());
        }
        above.with(&found).map(|_| found)
    }

    fn found(above: &Definition, wanted: &Definition) -> Self {
        let fields: Vec<Field> = wanted.fields.iter().filter(|it| above.field(&it.name).is_none()).cloned().collect();
        let both = || wanted.fields.iter().filter_map(|now| Some((above.field(&now.name)?, now)));
        let columns = both().filter_map(|(then, now)| {
            let more = now.fields.iter().filter(|it| then.fields.iter().all(|known| known.name != it.name));
            let more: Vec<Field> = more.cloned().collect();
            (!more.is_empty()).then(|| (then.name.clone(), more))
        });
        let stricter = wanted.places().filter_map(|(place, now)| {
            let stricter = Stricter::of(above.field_at(&place)?, now)?;
            Some((place, stricter))
        });
        let checks = wanted.checks.iter().filter(|it| above.checks.iter().all(|known| known.name != it.name));
        let is_added = |name: &str| above.field(name).is_none();
        let own = |block: &&Block| match block.rows.as_str() {
            "" => !block.fields.is_empty() && block.fields.iter().all(|name| is_added(name)),
            rows => is_added(rows),
        };
        Self {
            code: above.code.clone(),
            columns: columns.collect(),
            stricter: stricter.collect(),
            checks: checks.cloned().collect(),
            blocks: wanted.layout.blocks.iter().filter(own).cloned().collect(),
            fields,
        }
    }
}

/// A form as it was written, less all that can be added to the one from above.
fn without_additions(above: &Definition, wanted: &Definition) -> Definition {
    let mut rest = wanted.clone();
    rest.fields.retain(|field| above.field(&field.name).is_some());
    for now in &mut rest.fields {
        let Some(then) = above.field(&now.name) else { continue };
        now.fields.retain(|inner| then.fields.iter().any(|known| known.name == inner.name));
        for inner in &mut now.fields {
            let Some(known) = then.fields.iter().find(|known| known.name == inner.name) else { continue };
            loosen(known, inner);
        }
        loosen(then, now);
    }
    rest.checks.retain(|check| above.checks.iter().any(|known| known.name == check.name));
    for block in &mut rest.layout.blocks {
        block.fields.retain(|name| above.field(name).is_some());
        let rows = block.rows.clone();
        for group in &mut block.columns {
            group.fields.retain(|name| above.field_at(&format!("{rows}.{name}")).is_some());
        }
        block.columns.retain(|group| !group.fields.is_empty());
    }
    let known = |block: &Block| match block.rows.as_str() {
        "" => !block.fields.is_empty(),
        rows => above.field(rows).is_some(),
    };
    rest.layout.blocks.retain(known);
    // Something of one's own stands behind what is made from the fields only once that is written down.
    if above.layout.blocks.is_empty() && rest.layout.blocks == above.blocks() {
        rest.layout.blocks.clear();
    }
    rest
}

/// Takes back what a field demands more than it did.
fn loosen(then: &Field, now: &mut Field) {
    let Some(stricter) = Stricter::of(then, now) else { return };
    now.required &= !stricter.required;
    now.least = stricter.least.map_or(now.least, |_| then.least);
    now.most = stricter.most.map_or(now.most, |_| then.most);
    now.longest = stricter.longest.map_or(now.longest, |_| then.longest);
}

impl Definition {
    /// This form with what a county adds to it, to be filled in from now on.
    ///
    /// # Errors
    /// What is wrong with the form that would come of it: the city changed it since.
    pub fn with(&self, added: &Supplement) -> Result<Self, Vec<DefinitionProblem>> {
        let whole = self.supplemented(added);
        let problems = whole.check();
        if problems.is_empty() { Ok(whole) } else { Err(problems) }
    }

    /// The same as it was once filled in, whatever a later program thinks of it. Where the city has by now what the
    /// county had added, a field of that name or a check, it is the city's.
    #[must_use]
    pub fn supplemented(&self, added: &Supplement) -> Self {
        let mut whole = self.clone();
        let fields = added.fields.iter().filter(|field| self.field(&field.name).is_none());
        whole.fields.extend(fields.cloned());
        for (rows, columns) in &added.columns {
            let Some(table) = whole.fields.iter_mut().find(|field| field.name == *rows && field.kind == Kind::Rows)
            else {
                continue;
            };
            let columns = columns.iter().filter(|column| table.fields.iter().all(|known| known.name != column.name));
            let columns: Vec<Field> = columns.cloned().collect();
            let groups =
                columns.iter().map(|column| Grouped { title: String::new(), fields: vec![column.name.clone()] });
            for block in whole.layout.blocks.iter_mut().filter(|block| block.rows == *rows && !block.columns.is_empty())
            {
                block.columns.extend(groups.clone());
            }
            table.fields.extend(columns);
        }
        for (place, stricter) in &added.stricter {
            if let Some(field) = whole.field_at_mut(place) {
                stricter.demand(field);
            }
        }
        let checks = added.checks.iter().filter(|check| self.checks.iter().all(|known| known.name != check.name));
        whole.checks.extend(checks.cloned());
        self.lay_out(added, &mut whole);
        whole
    }

    fn field_at_mut(&mut self, place: &str) -> Option<&mut Field> {
        let (name, inner) = place.split_once('.').map_or((place, None), |(rows, name)| (rows, Some(name)));
        let field = self.fields.iter_mut().find(|field| field.name == name)?;
        match inner {
            None => Some(field),
            Some(inner) => field.fields.iter_mut().find(|field| field.name == inner),
        }
    }

    /// Adds parts of the sheet behind those that there are; what the county laid out nowhere stands in a last one.
    fn lay_out(&self, added: &Supplement, whole: &mut Self) {
        let is_added = |name: &str| self.field(name).is_none() && whole.field(name).is_some();
        let blocks = added.blocks.iter().filter_map(|block| {
            let mut block = block.clone();
            block.fields.retain(|name| is_added(name));
            let has = if block.rows.is_empty() { !block.fields.is_empty() } else { is_added(&block.rows) };
            has.then_some(block)
        });
        let mut blocks: Vec<Block> = blocks.collect();
        if self.layout.blocks.is_empty() && blocks.is_empty() {
            return;
        }
        let shown = |field: &Field| blocks.iter().any(|it| it.rows == field.name || it.fields.contains(&field.name));
        let left = whole.fields.iter().filter(|field| self.field(&field.name).is_none() && !shown(field));
        let (tables, singles): (Vec<&Field>, Vec<&Field>) = left.partition(|field| field.kind == Kind::Rows);
        let grid = Block { title: PART.to_owned(), fields: names(&singles), ..Block::default() };
        let table = |field: &&Field| Block { title: field.title.clone(), rows: field.name.clone(), ..Block::default() };
        let tables: Vec<Block> = tables.iter().map(table).collect();
        blocks.extend(Some(grid).filter(|grid| !grid.fields.is_empty()).into_iter().chain(tables));
        if self.layout.blocks.is_empty() {
            // What is made from the fields is written down, so that something can stand behind it.
            whole.layout.blocks = self.blocks();
        }
        whole.layout.blocks.extend(blocks);
    }
}

fn names(fields: &[&Field]) -> Vec<String> {
    fields.iter().map(|field| field.name.clone()).collect()
}

#[cfg(test)]
mod tests;
