//! What can be wrong with a form, in the words of whoever designs it: what is wrong, and what to do.

use crate::form::{FormChange, KeptAs, Kind, Leaving, MOST_FIELDS, SupplementFault};
use crate::lang::{Lang, Say};

/// One thing that is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefinitionFault {
    /// It can be no code or name.
    NotAName(String),
    /// It has no title.
    NoTitle,
    /// It stands twice where it may stand once.
    Twice(String),
    /// The form asks nothing.
    NoFields,
    /// More fields than a form may have.
    TooManyFields(usize),
    /// A word of a newer program, or a slip of the pen.
    UnknownWord(String),
    /// An operation that this program does not know.
    UnknownOperation(String),
    /// A part that this program does not know.
    UnknownPart,
    /// Nested deeper than a person can follow.
    TooDeep,
    /// Years that end before they begin.
    NoYears,
    /// A table without columns.
    RowsWithoutFields,
    /// Columns of something that is no table.
    FieldsWithoutRows,
    /// A kind that a row of a table cannot have.
    NotInRows(Kind),
    /// Nothing to choose from.
    NoChoices,
    /// Choices of something that is not chosen.
    ChoicesOnOther,
    /// It names a catalog or a form, and is neither an entry nor a document.
    OfOnOther,
    /// A choice that is empty, or whose code holds a blank or a separator.
    BadChoice(String),
    /// No value can be as large as the one and as small as the other.
    LeastAboveMost,
    /// Limits of something that is no number.
    LimitsOnOther,
    /// More decimals than are kept.
    TooManyPlaces(u32),
    /// No character fits.
    LongestZero,
    /// Calculated and filled in from elsewhere.
    DerivedAndFrom,
    /// Nobody can be asked to type what is calculated.
    DerivedRequired,
    /// What is calculated is a number or a day.
    DerivedKind(Kind),
    /// Not `<subject>.<field>`.
    BadFrom(String),
    /// No such field.
    NoSuchField(String),
    /// No such table.
    NoSuchRows(String),
    /// No rule set in force has such a number.
    NoSuchRule(String),
    /// A number of the rules, and no year that tells of which.
    RuleWithoutYear,
    /// A number is wanted.
    NotANumber(String),
    /// A day is wanted.
    NotADay(String),
    /// Two things of different kinds.
    Mixed,
    /// Each follows from the next, and the last from the first.
    Circle(Vec<String>),
    /// Asked only when it is there already.
    WhenItself,
    /// Such a question cannot be put to such a field.
    TestDoesNotSuit(String),
    /// No such choice.
    NoSuchChoice {
        /// The field.
        field: String,
        /// What is none of its choices.
        choice: String,
    },
    /// What is asked of it cannot all be.
    NeverHolds(String),
    /// It holds whatever is filled in.
    AlwaysHolds,
    /// Nothing tells the person what to do.
    SaysNothing,
    /// A reason is demanded, and there is no text for it.
    NoReason(String),
    /// No state.
    NoStates,
    /// No state in which the document can be filled in.
    NothingOpen,
    /// The document begins where it cannot be filled in.
    FirstNotOpen,
    /// No such state.
    NoSuchState(String),
    /// No such step.
    NoSuchStep(String),
    /// A step that freezes the document, and leads to where it is filled in.
    FrozenOpen,
    /// A step that changes a document or begins another, and is not taken by whoever keeps them.
    NotByKeeper,
    /// A step that moves documents to a new release, and leads to where nobody can put right what that asks for.
    RenewedClosed,
    /// A step that begins the document of another form without saying of which, or says it and does not.
    MakesNothing,
    /// A step from nowhere.
    FromNowhere,
    /// A state that no document ever reaches.
    Unreached,
    /// A field of the county in a flow in which the county has no step.
    NobodyFills,
    /// Files that the county is to hand in.
    FilesAbove,
    /// A column of who keeps the document in a table that the county fills in.
    ColumnBelow,
    /// A document that can be filled in and never handed on.
    DeadEnd,
    /// No document ever counts.
    NothingCounts,
    /// No days at all.
    NoDays,
    /// A field that must be filled in and that the sheet does not show.
    NotShown(String),
    /// A grid and a table in one.
    GridAndTable,
    /// Not 1, 2 or 3.
    BadPairs(u32),
    /// Its code is that of documents that the program keeps, and it does not say that it is their form.
    CodeOfKept(KeptAs),
    /// Other than what the program keeps, in a way that documents could not be read any more.
    KeptOtherwise(FormChange),
    /// Such a document has no place for it.
    NotOfKept,
    /// It is no supplement to the form from above.
    Supplement(SupplementFault),
    /// It can be no column of a list.
    NotAColumn(String),
    /// Personal, and yet it may leave.
    PersonalLeaves,
    /// Such a thing cannot be done with such values.
    LeavingDoesNotSuit(Leaving, Kind),
}

impl Say for DefinitionFault {
    fn say(&self, lang: Lang) -> String {
        let found = self.in_general().or_else(|| self.of_trees()).or_else(|| self.of_fields());
        let (zh, en) = found.unwrap_or_else(|| self.of_flow());
        match lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

type Both = (String, String);

fn both(zh: &str, en: &str) -> Both {
    (zh.to_owned(), en.to_owned())
}

impl DefinitionFault {
    fn in_general(&self) -> Option<Both> {
        Some(match self {
            Self::NotAName(name) => (
                format!("“{name}”不能作代号，应为小写英文字母开头，只含小写字母、数字和下划线，不超过 40 个字符"),
                format!("“{name}” can be no name: lower-case letters, digits and _, at most 40, a letter first"),
            ),
            Self::CodeOfKept(kept) => (
                format!(
                    "“{}”是沿用单据（{}）的表单编码；请换一个编码，要改这张表的请写明沿用单据",
                    kept.code(),
                    kept.text(Lang::Zh)
                ),
                format!(
                    "“{}” is the code of the form of {}, which the program keeps: take another, or say `kept_as`",
                    kept.code(),
                    kept.text(Lang::En)
                ),
            ),
            Self::NoTitle => both("没有名称，请填写中文名", "it has no title; give it one"),
            Self::Twice(name) => {
                (format!("“{name}”出现了两次，请改掉其中一个"), format!("“{name}” stands twice; change one of them"))
            }
            Self::NoFields => both("没有字段，请至少填写一个", "it has no fields; it needs one at least"),
            Self::TooManyFields(count) => (
                format!("共 {count} 个字段，最多 {MOST_FIELDS} 个，请拆成几张表"),
                format!("it has {count} fields, {MOST_FIELDS} at most; make several forms of it"),
            ),
            Self::UnknownWord(word) => (
                format!("本程序不认识“{word}”，请改用本程序认识的词，或先升级程序"),
                format!("this program does not know “{word}”; use a word that it knows, or a newer program"),
            ),
            Self::UnknownOperation(what) => (
                format!("本程序不认识这种算法或条件：{what}，请检查写法，或先升级程序"),
                format!("this program does not know this operation: {what}; check how it is written"),
            ),
            Self::UnknownPart => both(
                "本程序不认识这一项，请检查写法，或先升级程序",
                "this program does not know this part; check how it is written, or use a newer program",
            ),
            Self::TooDeep => {
                both("嵌套太深，请分成几个字段逐步计算", "it is nested too deep; calculate it in several fields")
            }
            Self::NoYears => both("适用年度的止早于起，请改正", "its years end before they begin"),
            _ => return None,
        })
    }

    fn of_trees(&self) -> Option<Both> {
        Some(match self {
            Self::NoSuchField(name) => (
                format!("没有字段“{name}”，请改为表中已有的字段"),
                format!("there is no field “{name}”; name one of the form"),
            ),
            Self::NoSuchRows(name) => (
                format!("没有明细表“{name}”，请改为表中已有的明细表"),
                format!("there are no rows “{name}”; name rows of the form"),
            ),
            Self::NoSuchRule(path) => (
                format!("已发布的计分规则中没有参数“{path}”，请改为其中已有的数字，如 execution.weight"),
                format!("no published rule set has a number “{path}”; name one that it has, such as execution.weight"),
            ),
            Self::RuleWithoutYear => both(
                "此表没有年度，不能用规则参数，请改为按年、季、月或批次填报，或直接写数字",
                "the form has no year, and each rule set is for years; take a period, or write the number",
            ),
            Self::NotANumber(name) => (
                format!("“{name}”不是数字，不能参加计算，请换成数字类字段"),
                format!("“{name}” is no number and cannot be calculated with; take a field that is"),
            ),
            Self::NotADay(name) => (
                format!("“{name}”不是日期，请换成日期字段或写成 2025-03-31"),
                format!("“{name}” is no day; take a field that is, or write 2025-03-31"),
            ),
            Self::Mixed => both("两边一个是数字一个是日期，无法比较，请改正", "a number cannot be compared with a day"),
            Self::Circle(names) => (
                format!("互相依赖，算不出来：{}，请断开其中一处", names.join(" → ")),
                format!("they follow from one another: {}; part them", names.join(" → ")),
            ),
            Self::NeverHolds(name) => (
                format!("对“{name}”的要求互相矛盾，条件永远不成立，请改正"),
                format!("what is asked of “{name}” can never all be; the condition never holds"),
            ),
            Self::AlwaysHolds => {
                both("只要填了就成立，条件不起作用，请改正", "it holds whatever is filled in; change it")
            }
            Self::TestDoesNotSuit(name) => (
                format!("不能这样判断“{name}”：数字和日期用大于、小于、等于，文字和选项用是、属于、包含"),
                format!("“{name}” cannot be tested so: compare numbers and days, ask of words whether they are"),
            ),
            Self::NoSuchChoice { field, choice } => (
                format!("“{field}”没有选项“{choice}”，请改为已有的选项"),
                format!("“{field}” has no choice “{choice}”; name one that it has"),
            ),
            _ => return None,
        })
    }

    fn of_fields(&self) -> Option<Both> {
        Some(match self {
            Self::RowsWithoutFields => both("明细表没有栏目，请至少填写一个", "the rows have no fields"),
            Self::FieldsWithoutRows => both("不是明细表，不能有下级栏目", "it is no rows and can have no fields"),
            Self::NotInRows(kind) => (
                format!("明细表里不能有“{}”，请换一种类型", kind.text(Lang::Zh)),
                format!("rows cannot have a field of the kind “{}”", kind.text(Lang::En)),
            ),
            Self::NoChoices => both("单选、多选没有选项，请填写选项", "there is nothing to choose from"),
            Self::ChoicesOnOther => {
                both("只有单选、多选才有选项，请改类型或去掉选项", "only one_of and any_of have choices")
            }
            Self::OfOnOther => both(
                "只有目录条目、其他单据才有引用的目录或表单，请改类型或去掉引用",
                "only an entry names a catalog, and only a document a form",
            ),
            Self::BadChoice(code) => (
                format!("选项编码“{code}”不能用：不得为空，不得含空格、顿号、逗号、分号和竖线"),
                format!("“{code}” can be no choice's code: not empty, without blanks, commas, semicolons and bars"),
            ),
            Self::LeastAboveMost => both("最小大于最大，请改正", "the least is above the most"),
            Self::LimitsOnOther => both("只有数字才有最小、最大和小数位", "only numbers have limits and decimals"),
            Self::TooManyPlaces(places) => {
                (format!("小数位为 {places}，最多 10 位"), format!("{places} decimals; 10 at most"))
            }
            Self::LongestZero => both("最长为 0，什么也填不进去，请改大或留空", "nothing fits into a length of 0"),
            Self::DerivedAndFrom => {
                both("既有计算又有自动带出，请只留一种", "it is both calculated and filled in from elsewhere")
            }
            Self::DerivedRequired => {
                both("计算字段不用人填，请去掉必填", "what is calculated cannot be required of anybody")
            }
            Self::DerivedKind(kind) => (
                format!("计算字段的类型为“{}”，应为数字或日期，并与算出的结果一致", kind.text(Lang::Zh)),
                format!("what is calculated is a number or a day, not “{}”", kind.text(Lang::En)),
            ),
            Self::BadFrom(from) => (
                format!("自动带出“{from}”应写成 对象.字段，例如 project.name"),
                format!("“{from}” must be <subject>.<field>, such as project.name"),
            ),
            Self::WhenItself => both("显示条件用到了自己，请换成别的字段", "it is asked only when it is there already"),
            Self::SaysNothing => both("没有提示语，请写明哪里不对、怎么办", "it says nothing; say what is wrong"),
            Self::NoReason(name) => (
                format!("须说明原因，但“{name}”不是可填写的文本字段，请在原因字段填写一个文本字段"),
                format!("it demands a reason, and “{name}” is no text that somebody types"),
            ),
            Self::PersonalLeaves => both("个人信息不得归集，请去掉可归集", "what is personal may never leave"),
            Self::LeavingDoesNotSuit(leaving, kind) => (
                format!("“{}”不能按“{}”归集，请去掉", kind.text(Lang::Zh), leaving.text(Lang::Zh)),
                format!("“{}” cannot leave as “{}”", kind.text(Lang::En), leaving.text(Lang::En)),
            ),
            _ => return None,
        })
    }

    fn of_flow(&self) -> Both {
        let (zh, en) = match self {
            Self::NoStates => ("流程没有状态，请至少填写一个", "the flow has no states"),
            Self::NothingOpen => ("流程没有可填写的状态，请把起始状态设为可填写", "in no state can it be filled in"),
            Self::FirstNotOpen => {
                ("第一个状态不可填写，单据一开始就填不了，请设为可填写", "its first state is not open")
            }
            Self::FrozenOpen => (
                "步骤要冻结单据，却转到可以填写的状态，请改“转到”，或去掉“冻结”",
                "the step freezes the document and leads to an open state",
            ),
            Self::NotByKeeper => (
                "改用新版表单和生成下一张表只能由填报单位办理，请把“层级”改为填报单位",
                "only whoever keeps a document moves it to a new release, or begins the next form",
            ),
            Self::RenewedClosed => (
                "改用新版表单后须能修改，请转到可填写的状态",
                "a document that moves to a new release must come to an open state",
            ),
            Self::MakesNothing => (
                "动作“生成下一张表”和“生成表单”（表单编码）要同时填写，请补齐或都去掉",
                "a step that begins the next form says of which form, and no other does",
            ),
            Self::FromNowhere => ("步骤没有起始状态，请填写从哪个状态开始", "the step leads from no state"),
            Self::Unreached => ("没有步骤能走到这个状态，请补上步骤或去掉这个状态", "no step ever leads here"),
            Self::NobodyFills => (
                "由县级财政填写，而流程中没有待县级财政办理的状态；请补上县级财政的步骤，或写明可填写的状态",
                "the county is to fill it in, and no state waits for a step of the county's; add one, or name the states",
            ),
            Self::ColumnBelow => (
                "整张明细表由县级财政填写，其中不能有由填报单位填写的列；请把整表改为填报单位填写，只把个别列交县级财政",
                "the county fills in the whole table, so no column of it is the keeper's; give single columns to the county",
            ),
            Self::FilesAbove => (
                "附件只能由填报单位上传，请把填写层级改为填报单位，或改用文本字段",
                "files are handed in by who keeps the document, not by the county; change the level or the kind",
            ),
            Self::DeadEnd => ("可以填写却没有下一步，单据送不出去，请补上步骤", "it is open, and no step leads on"),
            Self::NothingCounts => {
                ("没有一个走得到的状态计入汇总，请设一个终审状态", "no state that is reached counts")
            }
            Self::NoDays => ("时限为 0 天，请改大或留空", "it may stay there for 0 days"),
            Self::NotOfKept => (
                "沿用单据的表单只有单值字段，没有流程、附件、明细表，不分适用年度，不按层级填报；可归集的只有项目和绩效指标表上增加的、由人填写的字段；评分所用的字段始终要填，级次和性质的选项不变，只有绩效目标可有个人信息。请按此修改",
                "documents that the program keeps itself take single fields more, no flow, years, files, rows, levels; only what is added to projects and indicators and typed there may leave; what scores need is always asked, levels and nature keep their choices, and only goals have personal fields",
            ),
            Self::KeptOtherwise(change) => return (change.say(Lang::Zh), change.say(Lang::En)),
            Self::Supplement(fault) => return (fault.say(Lang::Zh), fault.say(Lang::En)),
            Self::GridAndTable => {
                ("一块里既有字段又有明细表，请分成两块", "it is both a grid and a table; make two of it")
            }
            Self::NoSuchState(name) => {
                return (format!("没有状态“{name}”，请改为已有的状态"), format!("there is no state “{name}”"));
            }
            Self::NoSuchStep(name) => {
                return (
                    format!("须由他人：没有步骤“{name}”，请改为已有的步骤或“填报人”"),
                    format!("there is no step “{name}”; name one, or `fill`"),
                );
            }
            Self::NotShown(title) => {
                return (
                    format!("“{title}”要人填写，但版式里没有，请加到版式中"),
                    format!("“{title}” must be filled in, and no part of the sheet shows it"),
                );
            }
            Self::BadPairs(pairs) => {
                return (format!("每行栏数为 {pairs}，应为 1、2 或 3"), format!("{pairs} pairs; 1, 2 or 3"));
            }
            Self::NotAColumn(name) => {
                return (
                    format!("“{name}”不能作列表的列：应为表中已有的单值字段，不能是多行文本、附件或明细表"),
                    format!("“{name}” can be no column of a list"),
                );
            }
            _ => ("不正确", "it is not sound"),
        };
        (zh.to_owned(), en.to_owned())
    }
}
