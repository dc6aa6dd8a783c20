//! 接口权限: what a department's own system may do with its token.

use tongpin_domain::lang::Lang;

/// What a token can be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Reads projects, their lines and scores.
    ProjectsRead,
    /// Makes and changes projects of this bureau.
    ProjectsWrite,
    /// Reads what is reported by month.
    ObservationsRead,
    /// Reports months of this bureau's projects.
    ObservationsWrite,
    /// Reads which projects changed.
    ChangesRead,
    /// Reads forms and their documents.
    FormsRead,
    /// Fills in documents of this bureau and hands them on.
    FormsWrite,
}

impl Scope {
    /// All scopes, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::ProjectsRead,
        Self::ProjectsWrite,
        Self::ObservationsRead,
        Self::ObservationsWrite,
        Self::ChangesRead,
        Self::FormsRead,
        Self::FormsWrite,
    ];

    /// How it is stored, sent and documented.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ProjectsRead => "projects:read",
            Self::ProjectsWrite => "projects:write",
            Self::ObservationsRead => "observations:read",
            Self::ObservationsWrite => "observations:write",
            Self::ChangesRead => "changes:read",
            Self::FormsRead => "forms:read",
            Self::FormsWrite => "forms:write",
        }
    }

    /// Reads a stored word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }

    /// What people call it.
    #[must_use]
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::ProjectsRead => lang.pick("读取项目", "reads projects"),
            Self::ProjectsWrite => lang.pick("写入项目", "writes projects"),
            Self::ObservationsRead => lang.pick("读取按月填报", "reads reports by month"),
            Self::ObservationsWrite => lang.pick("写入按月填报", "reports by month"),
            Self::ChangesRead => lang.pick("读取变更", "reads changes"),
            Self::FormsRead => lang.pick("读取表单和单据", "reads forms and documents"),
            Self::FormsWrite => lang.pick("填报单据", "fills in documents"),
        }
    }

    /// What it lets a system do, in a line.
    #[must_use]
    pub fn about(self, lang: Lang) -> &'static str {
        match self {
            Self::ProjectsRead => lang.pick("项目、绩效指标和评分", "projects, their indicators and scores"),
            Self::ProjectsWrite => {
                lang.pick("新建和修改本级登记的项目、填报完成值", "makes and changes this bureau's projects")
            }
            Self::ObservationsRead => lang.pick(
                "各月的支出、完成值、说明，佐证材料的名称和摘要",
                "spending, what was reached and notes by month; names and digests of evidence",
            ),
            Self::ObservationsWrite => lang.pick(
                "填报和更正本级登记项目的各月支出和完成值，全年执行数和实际完成值随之更新；不动佐证材料",
                "reports and corrects months of this bureau's projects, whose own records follow; evidence stays",
            ),
            Self::ChangesRead => lang.pick("哪些项目或其按月填报有变更", "which projects, or their months, changed"),
            Self::FormsRead => lang.pick(
                "在用的表单，本级和所属乡镇的单据；个人信息除外",
                "the forms in force and the documents of this bureau and its townships, but for what is personal",
            ),
            Self::FormsWrite => lang.pick(
                "新建和修改本级的单据，办理经办岗的步骤（如送审）；不能审核，不动附件和个人信息",
                "makes and changes this bureau's documents and takes a clerk's steps; approves nothing",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored words lead back to their scopes, and to nothing else.
    #[test]
    fn words() {
        assert!(Scope::ALL.iter().all(|scope| Scope::of_word(scope.word()) == Some(*scope)));
        assert_eq!(Scope::of_word("projects:*"), None);
    }
}
