//! 既有单据: documents that the program keeps as records of their own kind, because scores, lists and the levels above
//! are made of them. What they ask is described by a form all the same: as the program ships it, or as the city has
//! published it since, with other words, hints, limits, checks and fields of its own.

use std::sync::LazyLock;

use super::word::words;
use super::{Block, Definition, Field, Grouped, Kind, Layout, changes};
use crate::form::sound::{DefinitionFault, DefinitionProblem};

words! {
    /// 沿用的单据: what the documents of a form are, where they are not documents of their own.
    KeptAs {
        /// The goal of a project, one for each: a record of the kind [`crate::project_form::GOAL`].
        Goal = "goal", "项目绩效目标", "a project's goal";
        /// What a project says of itself: a record of the kind [`crate::project::PROJECT`].
        Project = "project", "项目信息", "a project";
        /// An indicator of a project, many for each: a record of the kind [`crate::project::PROJECT_INDICATOR`].
        Line = "project_indicator", "项目绩效指标", "an indicator of a project";
        /// What was reported of a project for a month: a record of the kind [`crate::observation::OBSERVATION`].
        Month = "observation", "按月填报", "a report of a month";
        /// The self-evaluation of a project: its texts are a record of the kind
        /// [`crate::project_form::SELF_EVALUATION`], what is filled in of its indicators stands in those, and the
        /// reason for its execution rate in the project.
        Evaluation = "self_evaluation", "项目绩效自评", "a project's self-evaluation";
    }
}

/// What a goal's record calls the project that it is of.
const PROJECT_CODE: &str = "project_code";

/// The roles of an indicator's fields whose words are those of the library of indicators.
const OF_THE_LIBRARY: [&str; 3] = ["level1", "level2", "nature"];

/// The forms as the program ships them.
static GOAL: LazyLock<Definition> = LazyLock::new(|| shipped(include_str!("../../../samples/forms/goal.toml")));
static PROJECT: LazyLock<Definition> = LazyLock::new(|| shipped(include_str!("../../../samples/forms/project.toml")));
static LINE: LazyLock<Definition> =
    LazyLock::new(|| shipped(include_str!("../../../samples/forms/project_indicator.toml")));
static MONTH: LazyLock<Definition> = LazyLock::new(|| shipped(include_str!("../../../samples/forms/observation.toml")));
static EVALUATION: LazyLock<Definition> =
    LazyLock::new(|| shipped(include_str!("../../../samples/forms/self_evaluation.toml")));

fn shipped(text: &str) -> Definition {
    toml::from_str(text).expect("it is the same text in every program that is built, and a test reads it")
}

impl KeptAs {
    /// The code that its form has.
    #[must_use]
    pub fn code(&self) -> &str {
        self.word()
    }

    /// The form as the program ships it; none of what this program does not know.
    #[must_use]
    pub fn shipped(&self) -> Option<&'static Definition> {
        match self {
            Self::Goal => Some(&GOAL),
            Self::Project => Some(&PROJECT),
            Self::Line => Some(&LINE),
            Self::Month => Some(&MONTH),
            Self::Evaluation => Some(&EVALUATION),
            Self::Unknown(_) => None,
        }
    }
}

/// What a form of documents that the program keeps itself must be beside sound: what was there is still there, and
/// nothing is asked that such a document has no place for. Another form does not take its code.
pub(super) fn check(definition: &Definition, problems: &mut Vec<DefinitionProblem>) {
    let Some(kept_as) = &definition.kept_as else {
        let taken = KeptAs::ALL.iter().find(|kept_as| kept_as.code() == definition.code);
        problems.extend(taken.map(|it| DefinitionProblem::new("code", DefinitionFault::CodeOfKept(it.clone()))));
        return;
    };
    let Some(shipped) = kept_as.shipped() else { return };
    let refused = changes(shipped, definition).into_iter().filter(super::FormChange::is_refused);
    problems.extend(refused.map(|change| DefinitionProblem::new("kept_as", DefinitionFault::KeptOtherwise(change))));
    let not_of_kept = |place: &str| DefinitionProblem::new(place, DefinitionFault::NotOfKept);
    if definition.flow != shipped.flow {
        problems.push(not_of_kept("flow"));
    }
    // Of these records there is one release of their form in force for all years.
    if !definition.years.is_always() {
        problems.push(not_of_kept("years"));
    }
    for field in &definition.fields {
        let own = shipped.field(&field.name);
        let no_place = match own {
            None => matches!(field.kind, Kind::Rows | Kind::Files),
            Some(own) => field.fields.iter().any(|inner| !own.fields.iter().any(|it| it.name == inner.name)),
        };
        // What another form describes is named by the program only.
        let foreign = own.is_none() && field.is_described_elsewhere();
        // Only a goal is masked wherever it is shown.
        let shown = field.personal && *kept_as != KeptAs::Goal;
        let unfit = no_place || foreign || shown || field.level.is_some() || !field.fill.is_empty();
        // What the record is about is no value in it.
        let taken = field.name == PROJECT_CODE && field.is_typed() && !own.is_some_and(Field::is_typed);
        // What something is computed from is asked, and always in the same way.
        let lost = own.is_some_and(|own| !own.role.is_empty() && (!field.is_typed() || field.when.is_some()));
        // So is what stands in other records, and each column of rows stays what it is.
        let pulled = *kept_as == KeptAs::Evaluation && own.is_some_and(|own| !own.from.is_empty());
        let otherwise = own.is_some_and(|own| own.from != field.from || own.derived != field.derived);
        let fixed = own.is_some_and(Field::has_fixed_rows) && field.longest.is_some();
        let moved = own.is_some_and(|own| own.is_described_elsewhere() && own.of != field.of);
        let lost = lost || (pulled && otherwise) || fixed || moved;
        let lost = lost || own.is_some_and(|own| field.fields.iter().any(|inner| is_lost(own, inner)));
        let elsewhere = own.iter().flat_map(|own| std::iter::once(*own).chain(&own.fields));
        let elsewhere = elsewhere.filter(|it| it.is_described_elsewhere() && !it.role.is_empty());
        let hidden = elsewhere.filter(|it| !is_laid_out(definition, field, it));
        problems.extend(hidden.map(|it| DefinitionProblem::new("layout", DefinitionFault::NotShown(it.title.clone()))));
        // Scores and the library know these words, and no others.
        let reworded =
            own.is_some_and(|own| OF_THE_LIBRARY.contains(&own.role.as_str()) && own.choices != field.choices);
        let lost = lost || reworded;
        // Of projects and lines what a city asks beside may leave; what the program knows leaves under its own name.
        let collected = own.is_none() && field.is_given() && matches!(kept_as, KeptAs::Project | KeptAs::Line);
        if unfit || taken || lost || (!collected && !field.leaves.is_empty()) {
            problems.push(not_of_kept(&format!("fields.{}", field.name)));
        }
    }
}

/// Whether a column is no more what the program has a place for, where it has one.
fn is_lost(own: &Field, inner: &Field) -> bool {
    let more = inner.personal || inner.level.is_some() || !inner.fill.is_empty() || !inner.leaves.is_empty();
    let own = own.fields.iter().find(|it| it.name == inner.name);
    more || own.is_some_and(|own| {
        let otherwise = own.from != inner.from || own.derived != inner.derived;
        otherwise || (!own.role.is_empty() && (!inner.is_typed() || inner.when.is_some()))
    })
}

/// Whether a field, or a column of it, stands on the sheet.
fn is_laid_out(definition: &Definition, field: &Field, shown: &Field) -> bool {
    definition.blocks().iter().any(|block| {
        let column = || definition.columns(block).iter().any(|group| group.fields.contains(&shown.name));
        block.fields.contains(&shown.name) || (block.rows == field.name && (shown.name == field.name || column()))
    })
}

impl Field {
    /// Takes over how it is filled in from the form that describes it, within what the program itself can keep; what it
    /// is called on its own sheet stays.
    fn take_from(&mut self, form: Option<&Definition>) {
        let Some(form) = form.filter(|_| self.is_described_elsewhere()) else { return };
        let own = form.shipped().and_then(|shipped| shipped.field(&self.name));
        let (Some(told), Some(own)) = (form.field(&self.name), own) else { return };
        let Self { unit, hint, places, longest, choices, .. } = told.clone();
        (self.unit, self.hint, self.places, self.longest, self.choices) = (unit, hint, places, longest, choices);
        self.least = [told.least, own.least].into_iter().flatten().max();
        self.most = [told.most, own.most].into_iter().flatten().min();
    }
}

impl Definition {
    /// The form of goals as the program ships it.
    #[must_use]
    pub fn of_goals() -> &'static Self {
        &GOAL
    }

    /// The form of projects as the program ships it.
    #[must_use]
    pub fn of_projects() -> &'static Self {
        &PROJECT
    }

    /// The form of a project's indicators as the program ships it.
    #[must_use]
    pub fn of_lines() -> &'static Self {
        &LINE
    }

    /// The form of reports by month as the program ships it.
    #[must_use]
    pub fn of_months() -> &'static Self {
        &MONTH
    }

    /// The form of self-evaluations as the program ships it.
    #[must_use]
    pub fn of_evaluations() -> &'static Self {
        &EVALUATION
    }

    /// The same with what other forms that are kept so describe of it ([`Field::of`]): how such a field is filled in,
    /// and at the end of rows that are another form's the fields that were added to that form.
    #[must_use]
    pub fn described_by(mut self, forms: &[&Self]) -> Self {
        let named = |of: &str| forms.iter().copied().find(|form| form.code == of);
        for field in &mut self.fields {
            if field.kind == Kind::Rows {
                let added = named(&field.of).into_iter().flat_map(Self::added).filter(|it| it.is_typed());
                let added =
                    added.filter(|it| it.kind.fits_rows() && field.fields.iter().all(|own| own.name != it.name));
                let added: Vec<Field> = added.cloned().collect();
                // A sheet that names its columns has them too.
                let names: Vec<String> = added.iter().map(|it| it.name.clone()).collect();
                let blocks = self.layout.blocks.iter_mut().filter(|block| block.rows == field.name);
                for block in blocks.filter(|block| !names.is_empty() && !block.columns.is_empty()) {
                    block.columns.push(Grouped { title: String::new(), fields: names.clone() });
                }
                field.fields.iter_mut().for_each(|inner| inner.take_from(named(&inner.of)));
                field.fields.extend(added);
            } else {
                field.take_from(named(&field.of));
            }
        }
        self
    }

    /// The form as the program ships it, of whose records these are; none if the program keeps none so.
    #[must_use]
    pub fn shipped(&self) -> Option<&'static Self> {
        self.kept_as.as_ref().and_then(KeptAs::shipped)
    }

    /// The same with what the program has asked since it was published: a release of before lacks that, and its records
    /// would lose it. It stands at the end.
    #[must_use]
    pub fn completed(mut self) -> Self {
        let Some(shipped) = self.shipped() else { return self };
        let lacking: Vec<Field> =
            shipped.fields.iter().filter(|field| self.field(&field.name).is_none()).cloned().collect();
        if !lacking.is_empty() && !self.layout.blocks.is_empty() {
            let fields = lacking.iter().map(|field| field.name.clone()).collect();
            self.layout.blocks.push(Block { fields, ..Block::default() });
        }
        self.fields.extend(lacking);
        self
    }

    /// The part of it that was added to the form as the program ships it, as a form by itself: what a page draws beside
    /// what it has of its own.
    #[must_use]
    pub fn part_added(&self) -> Self {
        let fields: Vec<Field> = self.added().cloned().collect();
        let layout = Layout { blocks: Vec::new(), signatures: Vec::new(), ..self.layout.clone() };
        Self { fields, layout, checks: Vec::new(), help: String::new(), ..self.clone() }
    }

    /// The fields that were added to a form that the program ships: what their records keep beside their own.
    pub fn added(&self) -> impl Iterator<Item = &Field> {
        let shipped = self.shipped();
        self.fields.iter().filter(move |field| shipped.is_some_and(|shipped| shipped.field(&field.name).is_none()))
    }

    /// Whether its documents are records that this program keeps as such: then there are no others. What a newer
    /// program keeps so is not known here, and shown as such.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.kept_as.as_ref().is_some_and(|kept_as| kept_as.unknown().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Flow;
    use crate::lang::{Lang, Say};

    /// Each form that the program ships is there, sound, of its code, and says that it is kept so.
    #[test]
    fn shipped_forms_are_sound() {
        for kept_as in KeptAs::ALL {
            let form = kept_as.shipped().expect("it is shipped");
            assert_eq!((form.code.as_str(), form.kept_as.as_ref()), (kept_as.code(), Some(kept_as)));
            assert_eq!(form.check(), []);
        }
    }

    /// A release from before the program asked something more is completed by it, where a sheet shows it.
    #[test]
    fn a_release_of_before() {
        let shipped = KeptAs::Project.shipped().expect("it is shipped");
        let mut old = shipped.clone();
        old.fields.retain(|field| field.name != "execution_reason");
        old.layout.blocks[2].fields.retain(|name| name != "execution_reason");
        let completed = old.completed();
        assert_eq!(completed.fields.len(), shipped.fields.len());
        assert!(completed.blocks().iter().any(|block| block.fields == ["execution_reason"]));
        assert_eq!(shipped.clone().completed(), *shipped);
    }

    /// A city may add a field and say things otherwise; it may not take away what is there, give it another kind,
    /// lead it through steps, or ask for rows and files.
    #[test]
    fn what_a_city_may_change() {
        let shipped = KeptAs::Goal.shipped().expect("it is shipped");
        let mut form = shipped.clone();
        form.title = "部门项目绩效目标表".into();
        form.fields.push(Field::new("manager", "项目管理办法", Kind::Text));
        assert_eq!(form.check(), []);

        let told = |change: &dyn Fn(&mut Definition)| {
            let mut form = shipped.clone();
            change(&mut form);
            form.check().iter().map(|problem| problem.say(Lang::Zh)).collect::<Vec<_>>().join("\n")
        };
        let gone = told(&|form| form.fields.retain(|field| field.name != "phone"));
        assert!(gone.contains("联系电话") && gone.contains("停用"), "{gone}");
        assert!(!told(&|form| form.fields[6].kind = Kind::Money).is_empty());
        assert!(!told(&|form| form.code = "goals".into()).is_empty());
        let bare = told(&|form| form.kept_as = None);
        assert!(bare.contains("编码：“goal”是沿用单据（项目绩效目标）的表单编码"), "{bare}");
        assert!(!told(&|form| form.fields.push(Field::new("files", "附件", Kind::Files))).is_empty());
        assert!(!told(&|form| form.fields[6].leaves.push(crate::form::Leaving::Count)).is_empty());
        assert!(told(&|form| form.years.from = Some(2026)).contains("适用年度"));
        let code = told(&|form| form.fields[1].from.clear());
        assert!(
            code.contains("project_code"),
            "a typed value would take the place of what the record is about: {code}"
        );
        let mut form = KeptAs::Project.shipped().expect("it is shipped").clone();
        form.fields.push(Field::new("debt", "专项债券", Kind::Money));
        form.fields.iter_mut().filter(|field| field.name == "func_code").for_each(|field| field.retired = true);
        assert_eq!(form.check(), []);
        form.fields.iter_mut().filter(|field| field.name == "executed").for_each(|field| field.retired = true);
        let told_all: Vec<String> = form.check().iter().map(|problem| problem.say(Lang::Zh)).collect();
        assert!(told_all.len() == 1 && told_all[0].contains("executed"), "scores need it: {told_all:?}");
        let of_lines = |change: &dyn Fn(&mut Definition)| {
            let mut form = KeptAs::Line.shipped().expect("it is shipped").clone();
            change(&mut form);
            form.check().iter().map(|problem| problem.place.clone()).collect::<Vec<_>>()
        };
        assert!(of_lines(&|form| form.fields[4].choices.truncate(3)).contains(&"fields.level2".to_owned()));
        let more = crate::form::Choice { code: "安全".into(), text: "安全".into(), retired: false };
        assert_eq!(of_lines(&|form| form.fields[4].choices.push(more.clone())), ["fields.level2"]);
        let named = Field { personal: true, ..Field::new("person", "联系人", Kind::Person) };
        assert_eq!(of_lines(&|form| form.fields.push(named.clone())), ["fields.person"]);
        let mut month = KeptAs::Month.shipped().expect("it is shipped").clone();
        month.fields.iter_mut().find(|field| field.name == "lines").expect("rows").fields.push(named.clone());
        assert_eq!(month.check().len(), 1, "a cell that no record has a place for");
        let of_evaluations = |change: &dyn Fn(&mut Definition)| {
            let mut form = KeptAs::Evaluation.shipped().expect("it is shipped").clone();
            change(&mut form);
            form.check().iter().map(|problem| problem.place.clone()).collect::<Vec<_>>()
        };
        let rows = |form: &mut Definition, name: &str, change: &dyn Fn(&mut Field)| {
            let rows = form.fields.iter_mut().find(|field| field.name == "lines").expect("lines");
            rows.fields.iter_mut().filter(|field| field.name == name).for_each(change);
        };
        assert_eq!(
            of_evaluations(&|form| form.fields.push(Field::new("manager", "项目管理办法", Kind::Text))),
            [""; 0]
        );
        for spoilt in ["target", "actual", "deviation_reason"] {
            let typed = of_evaluations(&|form| rows(form, spoilt, &|field| field.from = String::new()));
            let pulled = of_evaluations(&|form| rows(form, spoilt, &|field| field.from = "project.name".into()));
            let masked = of_evaluations(&|form| rows(form, spoilt, &|field| field.personal = true));
            assert_eq!(typed.contains(&"fields.lines".to_owned()), spoilt == "target", "{spoilt}");
            assert!(pulled.contains(&"fields.lines".to_owned()) && masked.contains(&"fields.lines".to_owned()));
        }
        for (name, change) in [
            ("total", (|field| field.from.clear()) as fn(&mut Field)),
            ("lines", |field| field.longest = Some(20)),
            ("execution_reason", |field| field.of.clear()),
        ] {
            let told = of_evaluations(&|form| {
                form.fields.iter_mut().filter(|field| field.name == name).for_each(change);
            });
            assert!(
                told.contains(&format!("fields.{name}")) || told.contains(&"kept_as".to_owned()),
                "{name}: {told:?}"
            );
        }
        let mut lines = KeptAs::Line.shipped().expect("it is shipped").clone();
        lines.fields.push(Field::new("place", "实施地点", Kind::Line));
        let mut grouped = KeptAs::Evaluation.shipped().expect("it is shipped").clone();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let columns = names(&["name", "actual", "qual_pct", "evidence_count", "deviation_reason"]);
        let block = grouped.layout.blocks.iter_mut().find(|block| block.rows == "lines").expect("the lines");
        block.columns = vec![Grouped { title: "指标".into(), fields: columns }];
        assert_eq!(grouped.check(), []);
        let described = grouped.described_by(&[&lines]);
        let block = described.layout.blocks.iter().find(|block| block.rows == "lines").expect("the lines");
        assert_eq!(block.columns[1].fields, names(&["place"]), "a column that is added is on the sheet");
        let without = |rows: &str| of_evaluations(&|form| form.layout.blocks.retain(|block| block.rows != rows));
        assert_eq!(without("money"), [""; 0]);
        assert!(!without("lines").is_empty() && without("lines").iter().all(|place| place == "layout"));
        let steps = told(&|form| form.flow = Flow { steps: Vec::new(), ..Flow::default() });
        assert!(steps.contains("流程"), "{steps}");
    }
}
