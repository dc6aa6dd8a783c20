//! What a user reads when something goes wrong: what happened and what to do, in both languages, and no secrets.

use tongpin_domain::lang::{Lang, Say as _};
use tongpin_store::StoreError;

/// Each error says in Chinese and in English what to do next, and the two are not the same text.
#[test]
fn both_languages_say_what_to_do() {
    let errors = [
        (StoreError::Full { doing: "committing" }, "清理磁盘", "free some space"),
        (StoreError::Busy { doing: "committing" }, "稍后重试", "try again later"),
        (StoreError::NewerSchema { found: 9, known: 1 }, "升级程序", "upgrade the program"),
        (StoreError::NameTaken { name: "zhang".into() }, "换一个登录名", "choose another"),
        (StoreError::NoColumn { form: "roads".into(), field: "x".into() }, "请从列表的列中选择", "choose one"),
        (StoreError::UsePgDump, "pg_dump", "pg_dump"),
        (StoreError::UsePgRestore, "pg_restore", "pg_restore"),
        (StoreError::OthersLog { log: "tongpin.sqlite-wal".into() }, "旁边的 tongpin.sqlite-wal", "run restore"),
        (StoreError::NoCopy { path: "a".into(), findings: String::new() }, "换一个由 backup", "name another file"),
        (StoreError::Conflict { what: "320500/rules".into(), expected: 3, found: 4 }, "刷新", "is at 4, not at 3"),
    ];
    for (error, zh, en) in errors {
        let (said_zh, said_en) = (error.say(Lang::Zh), error.say(Lang::En));
        assert!(said_zh.contains(zh), "{said_zh}");
        assert!(said_en.contains(en), "{said_en}");
        assert_ne!(said_zh, said_en);
    }
}
