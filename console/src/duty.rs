//! 岗位: what an account may do, and which duties one account may not hold together.

use std::collections::BTreeSet;

use tongpin_domain::lang::Lang;

/// A duty that an account can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// 系统管理员: makes accounts, resets passwords, stops and starts accounts.
    System,
    /// 安全管理员: gives duties, ends sessions.
    Security,
    /// 审计员: reads and exports the audit log, and nothing else.
    Audit,
    /// 经办: enters and drafts.
    Enter,
    /// 审核: approves what another entered.
    Approve,
    /// 查看: reads.
    Read,
    /// 发布: publishes what another drafted; at the hub alone.
    Publish,
}

/// Why a set of duties is not given to one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// 三员分立: two of the three administrators.
    TwoAdministrators,
    /// An administrator who also does the bureau's work.
    AdministratorAtWork,
    /// 经办 and 审核 in one account, where the bureau has not said that it has one clerk only.
    EntersAndApproves,
}

impl Duty {
    /// All duties, in the order in which they are shown.
    pub const ALL: [Self; 7] =
        [Self::System, Self::Security, Self::Audit, Self::Enter, Self::Approve, Self::Publish, Self::Read];

    /// Those that accounts of a node can be given: it publishes nothing.
    pub const AT_NODES: [Self; 6] = [Self::System, Self::Security, Self::Audit, Self::Enter, Self::Approve, Self::Read];

    /// How it is stored and sent.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Security => "security",
            Self::Audit => "audit",
            Self::Enter => "enter",
            Self::Approve => "approve",
            Self::Read => "read",
            Self::Publish => "publish",
        }
    }

    /// Reads a stored word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.word() == word)
    }

    /// What people call it.
    #[must_use]
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::System => lang.pick("系统管理员", "system administrator"),
            Self::Security => lang.pick("安全管理员", "security administrator"),
            Self::Audit => lang.pick("审计员", "auditor"),
            Self::Enter => lang.pick("经办", "enters"),
            Self::Approve => lang.pick("审核", "approves"),
            Self::Read => lang.pick("查看", "reads"),
            Self::Publish => lang.pick("发布", "publishes"),
        }
    }

    /// What it lets people do, in a line.
    #[must_use]
    pub fn about(self, lang: Lang) -> &'static str {
        match self {
            Self::System => lang.pick("建立和停用账号、重置密码", "makes and stops accounts, resets passwords"),
            Self::Security => lang.pick("授予和收回岗位", "gives and takes duties"),
            Self::Audit => lang.pick("查询、核验和导出审计日志", "searches, checks and exports the audit log"),
            Self::Enter => lang.pick("录入、起草", "enters and drafts"),
            Self::Approve => lang.pick("审核他人经办的内容", "approves what others entered"),
            Self::Read => lang.pick("只查看，不修改", "reads only"),
            Self::Publish => lang.pick("发布他人起草的目录", "publishes what others drafted"),
        }
    }

    fn administers(self) -> bool {
        matches!(self, Self::System | Self::Security | Self::Audit)
    }
}

/// Whether they are those of one who enters and approves.
#[must_use]
pub fn both(duties: &BTreeSet<Duty>) -> bool {
    duties.contains(&Duty::Enter) && duties.contains(&Duty::Approve)
}

/// Whether one account may hold these duties together; `one_clerk` says that the bureau has nobody else to approve.
///
/// # Errors
/// The [`Clash`] that forbids it.
pub fn together(duties: &BTreeSet<Duty>, one_clerk: bool) -> Result<(), Clash> {
    let administrators = duties.iter().filter(|duty| duty.administers()).count();
    if administrators > 1 {
        return Err(Clash::TwoAdministrators);
    }
    if administrators == 1 && duties.len() > 1 {
        return Err(Clash::AdministratorAtWork);
    }
    if both(duties) && !one_clerk {
        return Err(Clash::EntersAndApproves);
    }
    Ok(())
}

impl Clash {
    /// What the person who chose them reads.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::TwoAdministrators => lang.pick(
                "系统管理员、安全管理员、审计员须分设，一个账号只能担任其中一个",
                "system administrator, security administrator and auditor must be different accounts",
            ),
            Self::AdministratorAtWork => lang.pick(
                "管理员、审计员账号不能兼任业务岗位；请另建一个业务账号",
                "an administrator's account cannot do the bureau's work; make another account for that",
            ),
            Self::EntersAndApproves => lang.pick(
                "经办和审核须由两个账号分别担任；确实只有一名经办人员的，请先由安全管理员在“账号”页登记",
                "one account enters and another approves; a bureau with one clerk only has the security administrator say so under Accounts first",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three administrators are three accounts, none of which does the bureau's work; of the working duties only
    /// entering and approving do not go together, unless there is one clerk only.
    #[test]
    fn separation() {
        use Duty::{Approve, Audit, Enter, Publish, Read, Security, System};
        let set = |duties: &[Duty]| together(&duties.iter().copied().collect(), false);
        assert_eq!(set(&[]), Ok(()));
        assert_eq!(set(&[System]), Ok(()));
        assert_eq!(set(&[Enter, Publish, Read]), Ok(()));
        assert_eq!(set(&[Approve, Publish, Read]), Ok(()));
        assert_eq!(set(&[Enter, Approve]), Err(Clash::EntersAndApproves));
        assert_eq!(together(&[Enter, Approve].into(), true), Ok(()));
        assert_eq!(together(&[Enter, Audit].into(), true), Err(Clash::AdministratorAtWork));
        for pair in [[System, Security], [System, Audit], [Security, Audit]] {
            assert_eq!(set(&pair), Err(Clash::TwoAdministrators));
        }
        for duty in [Enter, Approve, Publish, Read] {
            assert_eq!(set(&[Audit, duty]), Err(Clash::AdministratorAtWork));
        }
    }

    /// Stored words lead back to their duties.
    #[test]
    fn words() {
        assert!(Duty::ALL.iter().all(|duty| Duty::of_word(duty.word()) == Some(*duty)));
        assert_eq!(Duty::of_word("root"), None);
    }
}
