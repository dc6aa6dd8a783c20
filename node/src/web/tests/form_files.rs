//! 附件 of documents: kept beside them as evidence is, several of them, taken away one by one, handed out to whoever may
//! read the document, named on paper, in files and to systems, and never sent up.

use serde_json::{Value, json};
use tongpin_console::workbook::Book;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Attachment, DOCUMENT, Document, Given};
use tongpin_store::{Batch, Change, RECORDS};

use super::api::System;
use super::ground::{Ground, Reader, Shown};
use super::month::PDF;
use crate::ops::ground::code;

const FORM: &str = r#"{"code":"proof","title":"佐证表","subject":{"of":"nothing","per":"once","several":true},"fields":[
    {"name":"note","title":"说明","kind":"whole"},
    {"name":"proof","title":"佐证材料","kind":"files","required":true},
    {"name":"ids","title":"身份证复印件","kind":"files","personal":true}]}"#;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....";
const OTHER: (&str, &str, &[u8]) = ("file-proof", "另一件.pdf", b"%PDF-2");

struct Bench {
    system: System,
    enters: Reader,
    address: String,
}

impl Bench {
    async fn new() -> Self {
        let system = System::new().await;
        system.ground.desk.publish("forms", "proof", FORM, 1).await;
        let enters = system.ground.reader("enter").await;
        let (shown, told) = system.call("POST", "/api/v1/forms/proof/documents", &[], &json!({ "given": {} })).await;
        assert_eq!((shown.status, &told["missing"]), (201, &json!(["proof"])), "{told}");
        let address = format!("/forms/proof/320581/{}", told["id"].as_str().expect("an id"));
        Self { system, enters, address }
    }

    fn ground(&self) -> &Ground {
        &self.system.ground
    }

    /// Saves the page with these files, and what it says should stay.
    async fn save(&self, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Shown {
        let page = self.enters.get(&format!("{}/edit", self.address)).await;
        assert!(page.text.contains(r#"enctype="multipart/form-data""#), "{}", page.text);
        let version = super::hidden(&page.text, "page-version");
        let fields: Vec<(&str, &str)> =
            [("page-version", version.as_str()), ("proof", "")].into_iter().chain(fields.iter().copied()).collect();
        self.enters.send_files(&format!("{}/edit", self.address), &fields, files).await
    }

    async fn held(&self) -> Document {
        let held = self.ground().desk.store.records(DOCUMENT, None).await.expect("readable");
        serde_json::from_str(&held[0].body).expect("a document")
    }

    async fn files(&self, field: &str) -> Vec<Attachment> {
        match self.held().await.given.remove(field) {
            Some(Given::Files(files)) => files,
            _ => Vec::new(),
        }
    }

    async fn api(&self) -> Value {
        let id = self.address.rsplit('/').next().expect("an id");
        let address = format!("/api/v1/forms/proof/documents/320581/{id}");
        self.system.call("GET", &address, &[], &Value::Null).await.1
    }
}

fn names(files: &[Attachment]) -> Vec<(&str, u64)> {
    files.iter().map(|file| (file.name.as_str(), file.size)).collect()
}

/// Several files are saved with what is typed, are named wherever the document is, and are handed out whole; the log
/// has who handed in and who asked for them. One is taken away by unchecking it, the others stay.
#[tokio::test]
async fn there_and_back() {
    let bench = Bench::new().await;
    let all = [("file-proof", PDF.0, PDF.1), OTHER, ("file-ids", r"C:\证件\张三.png", PNG)];
    let saved = bench.save(&[("note", "7")], &all).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let (proof, ids) = (bench.files("proof").await, bench.files("ids").await);
    assert_eq!((names(&proof), names(&ids)), (vec![("现场.pdf", 15), ("另一件.pdf", 6)], vec![("张三.png", 12)]));
    let digest = Digest::of(PDF.1).to_string();
    assert_eq!(proof[0].digest, digest);
    let logged = bench.ground().logged("document_save").await;
    assert_eq!(logged[0].2, "佐证表；新增附件 现场.pdf、另一件.pdf、身份证复印件");

    let page = bench.enters.get(&bench.address).await.text;
    for part in [format!("{}/files/{digest}", bench.address), "15 B".into(), digest[..12].into(), "张三.png".into()] {
        assert!(page.contains(&part), "{part} in {page}");
    }
    let file = bench.enters.get(&format!("{}/files/{digest}", bench.address)).await;
    assert_eq!((file.status, file.text.as_bytes()), (200, PDF.1));
    let head = file.head.to_lowercase();
    assert!(head.contains("content-disposition: attachment") && head.contains("nosniff"), "{head}");
    assert_eq!(bench.ground().logged("evidence_read").await[0].2, "现场.pdf");
    let sheet = bench.enters.file(&format!("{}/sheet.xlsx", bench.address)).await;
    let mut book = Book::open("a.xlsx", &sheet).expect("a workbook");
    let cells = book.cells("佐证表").expect("its cells");
    assert!(cells.rows.values().flatten().any(|cell| cell == "现场.pdf、另一件.pdf"), "{:?}", cells.rows);
    let told = bench.api().await;
    assert_eq!(told["given"]["proof"][1], json!({ "name": "另一件.pdf", "size": 6, "digest": proof[1].digest }));
    assert_eq!((told["given"].get("ids"), &told["missing"]), (None, &json!([])));

    let stays = format!("{}/另一件.pdf", proof[1].digest);
    assert_eq!(bench.save(&[("proof", &stays)], &[]).await.status, 303);
    assert_eq!(names(&bench.files("proof").await), [("另一件.pdf", 6)]);
    assert_eq!(bench.files("ids").await.len(), 1, "what was not asked stays");
    assert_eq!(bench.enters.get(&format!("{}/files/{digest}", bench.address)).await.status, 404);
}

/// A file that is not taken is told at its field and nothing is saved; a good one that came with it need not be chosen
/// again, even where something else cannot be read.
#[tokio::test]
async fn refused_files() {
    let bench = Bench::new().await;
    let edge = [b"%PDF-".as_slice(), &vec![b' '; 20 * 1024 * 1024 - 4]].concat();
    for (name, bytes, says) in [
        ("a.exe", PDF.1, "不是可用的文件"),
        ("a.pdf", PNG, "内容与扩展名不符"),
        ("空.pdf", b"".as_slice(), "内容与扩展名不符"),
        ("大.pdf", &edge, "超过 20 MB"),
    ] {
        let refused = bench.save(&[], &[("file-proof", name, bytes)]).await;
        assert!(refused.status == 422 && refused.text.contains(says), "{name}: {} {}", refused.status, refused.text);
    }
    assert!(!bench.ground().app.data.join("evidence").exists());
    let mixed = bench.save(&[("note", "七")], &[OTHER, ("file-proof", "a.exe", PNG)]).await;
    let stays = format!("{}/另一件.pdf", Digest::of(OTHER.2));
    assert!(
        mixed.status == 422 && mixed.text.contains(&stays) && mixed.text.contains(r#"value="七""#),
        "{}",
        mixed.text
    );
    assert!(bench.files("proof").await.is_empty());
    assert_eq!(bench.save(&[("proof", &stays), ("note", "七")], &[]).await.status, 422);
    assert_eq!(bench.save(&[("proof", &stays), ("note", "7")], &[]).await.status, 303);
    assert_eq!(names(&bench.files("proof").await), [("另一件.pdf", 6)]);
    // A path in a name is none, a file that nobody handed in is none, and a box of no field is none.
    let sent =
        [("file-proof", "../../etc/passwd.pdf", PDF.1), ("file-none", "b.pdf", PDF.1), ("file-note", "c.pdf", PDF.1)];
    let forged = format!("{}/x.pdf", Digest::of(b"x"));
    assert_eq!(bench.save(&[("proof", &forged), ("proof", "../../t.sqlite/x.pdf")], &sent).await.status, 303);
    assert_eq!(names(&bench.files("proof").await), [("passwd.pdf", 15)]);
}

/// Nobody hands a file in without the page's token, the duty, or where the document is closed; nobody is handed one
/// that is personal, that the document does not name, or that another bureau keeps.
#[tokio::test]
async fn who_may() {
    let mut bench = Bench::new().await;
    let (edit, file) = (format!("{}/edit", bench.address), [("file-proof", PDF.0, PDF.1)]);
    let token = std::mem::replace(&mut bench.enters.csrf, "guessed".to_owned());
    assert_eq!(bench.enters.send_files(&edit, &[], &file).await.status, 403);
    bench.enters.csrf = token;
    let reads = bench.ground().reader("read").await;
    assert_eq!(reads.send_files(&edit, &[("page-version", "x")], &file).await.status, 403);
    assert!(!bench.ground().app.data.join("evidence").exists());
    let saved = bench.save(&[], &[file[0], ("file-ids", "张三.png", PNG)]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let at = |bytes: &[u8]| format!("{}/files/{}", bench.address, Digest::of(bytes));
    assert_eq!((reads.get(&at(PDF.1)).await.status, reads.get(&at(PNG)).await.status), (200, 404));
    assert!(!reads.get(&bench.address).await.text.contains("张三"));
    assert_eq!(bench.enters.get(&at(PNG)).await.status, 200);
    let audits = bench.ground().reader("audit").await;
    assert_eq!(audits.get(&at(PDF.1)).await.status, 403);
    std::fs::write(bench.ground().app.data.join("evidence").join(Digest::of(b"x").to_string()), "x").expect("writable");
    assert_eq!(bench.enters.get(&at(b"x")).await.status, 404);
    assert_eq!(bench.enters.get(&format!("{}/files/..%2f..%2ft.sqlite", bench.address)).await.status, 404);

    // A township's document has its files' names here and not the files.
    let held = bench.ground().desk.store.records(DOCUMENT, None).await.expect("readable");
    let change =
        Change { kind: DOCUMENT.into(), key: held[0].key.clone(), body: Some(held[0].body.clone()), problem: None };
    let (town, changes) = (code("320581101"), [change]);
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    bench.ground().desk.store.accept_records(&batch).await.expect("taken");
    let theirs = bench.address.replace("/320581/", "/320581101/");
    let page = bench.enters.get(&theirs).await.text;
    assert!(page.contains("现场.pdf") && !page.contains("/files/"), "{page}");
    let refused = bench.enters.get(&format!("{theirs}/files/{}", Digest::of(PDF.1))).await;
    assert!(refused.status == 404 && refused.text.contains("附件保存在填报单位"), "{}", refused.text);
    assert_eq!(bench.enters.send_files(&format!("{theirs}/edit"), &[], &file).await.status, 409);

    // A system is told the files, and neither adds nor takes away any.
    let told = bench.api().await;
    let id = told["id"].as_str().expect("an id");
    let address = format!("/api/v1/forms/proof/documents/320581/{id}");
    let mut given = told["given"].clone();
    given["proof"] = json!([]);
    let (shown, refused) = bench.system.call("PUT", &address, &[("If-Match", "*")], &json!({ "given": given })).await;
    assert_eq!((shown.status, &refused["problems"][0]["field"]), (422, &json!("proof")), "{refused}");
    let (shown, kept) =
        bench.system.call("PUT", &address, &[("If-Match", "*")], &json!({ "given": { "note": 8 } })).await;
    assert_eq!((shown.status, &kept["given"]["proof"]), (200, &told["given"]["proof"]), "{kept}");
}

/// A frozen version keeps its files, whatever a later one has instead; what was changed on the disk is told.
#[tokio::test]
async fn kept_with_versions() {
    let bench = Bench::new().await;
    assert_eq!(bench.save(&[], &[("file-proof", PDF.0, PDF.1)]).await.status, 303);
    let approves = bench.ground().reader("approve").await;
    for (reader, step, reason) in
        [(&bench.enters, "submit", ""), (&approves, "approve", ""), (&bench.enters, "adjust", "换一件")]
    {
        let asked = format!("{}/step/{step}", bench.address);
        let version = super::hidden(&reader.get(&asked).await.text, "version");
        let taken = reader.post(&asked, &[("version", &version), ("reason", reason)]).await;
        assert_eq!(taken.status, 303, "{step}: {}", taken.text);
        if step == "approve" {
            assert_eq!(bench.enters.send_files(&format!("{}/edit", bench.address), &[], &[OTHER]).await.status, 409);
        }
    }
    assert_eq!(bench.save(&[], &[OTHER]).await.status, 303);
    assert_eq!((names(&bench.files("proof").await), bench.held().await.version), (vec![("另一件.pdf", 6)], 2));
    let former = format!("{}/files/{}", bench.address, Digest::of(PDF.1));
    let page = bench.enters.get(&format!("{}/versions/1", bench.address)).await.text;
    assert!(page.contains(&former) && page.contains("现场.pdf"), "{page}");
    assert_eq!(bench.enters.get(&former).await.text.as_bytes(), PDF.1);
    let path = bench.ground().app.data.join("evidence").join(Digest::of(PDF.1).to_string());
    std::fs::write(path, "%PDF-1.4 b page").expect("writable");
    let damaged = bench.enters.get(&former).await;
    assert!(damaged.status == 500 && damaged.text.contains("已损坏或被改动"), "{}", damaged.text);
}
