//! The journal keeps what it took, in order, through cuts, damage and full disks.

use super::*;

fn arrival(i: u32) -> Arrival {
    Arrival {
        arrived_at: jiff::Timestamp::from_second(i64::from(i)).unwrap(),
        channel: format!("mqtt/a/{i}"),
        payload: vec![b'x'; 10 + i as usize % 7],
    }
}

fn read(folder: &Path, from: u64) -> Vec<Numbered> {
    records_from(folder, from).unwrap().map(|r| r.unwrap()).collect()
}

#[test]
fn records_come_back_in_order_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), 1).unwrap();
    journal.append(&[arrival(1), arrival(2)]).unwrap();
    drop(journal);
    let mut journal = Journal::open(folder.path(), 1).unwrap();
    assert_eq!(journal.next_number(), 3);
    journal.append(&[arrival(3)]).unwrap();
    let all = read(folder.path(), 1);
    assert_eq!(all.len(), 3);
    assert_eq!(all[2], Numbered { number: 3, arrival: arrival(3) });
    assert_eq!(read(folder.path(), 2).len(), 2);
    assert_eq!(read(folder.path(), 4).len(), 0);
}

#[test]
fn a_write_cut_off_anywhere_loses_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), 1).unwrap();
    journal.append(&[arrival(1), arrival(2)]).unwrap();
    drop(journal);
    let path = segment::list(folder.path()).unwrap()[0].path.clone();
    let whole = std::fs::read(&path).unwrap();
    let mut both = Vec::new();
    record::write(&arrival(1), &mut both);
    let first = both.len();
    for cut in first..whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let mut journal = Journal::open(folder.path(), 1).unwrap();
        assert_eq!(journal.next_number(), 2, "cut at {cut}");
        journal.append(&[arrival(9)]).unwrap();
        drop(journal);
        let all = read(folder.path(), 1);
        assert_eq!(all[1].arrival, arrival(9));
    }
}

#[test]
fn damage_before_the_end_is_said_and_nothing_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), 1).unwrap();
    journal.append(&[arrival(1), arrival(2), arrival(3)]).unwrap();
    drop(journal);
    let path = segment::list(folder.path()).unwrap()[0].path.clone();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[HEAD_OF_FIRST_BODY] ^= 0xFF;
    std::fs::write(&path, &bytes).unwrap();
    let error = Journal::open(folder.path(), 1).unwrap_err().to_string();
    assert!(error.contains("checksum") && error.contains(".journal"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

/// A byte inside the first record's body.
const HEAD_OF_FIRST_BODY: usize = 12;

#[test]
fn old_segments_go_and_new_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), 1).unwrap();
    for i in 1..=3 {
        journal.append(&[arrival(i)]).unwrap();
        journal.roll().unwrap();
    }
    assert_eq!(forget_through(folder.path(), 2).unwrap(), 2);
    assert_eq!(read(folder.path(), 1)[0].number, 3);
    assert_eq!(forget_through(folder.path(), 99).unwrap(), 1);
    assert_eq!(Journal::open(folder.path(), 1).unwrap().next_number(), 4);
}

#[test]
fn a_full_disk_takes_nothing_and_breaks_nothing() {
    // /dev/full refuses every write as a full disk does.
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), 1).unwrap();
    journal.append(&[arrival(1)]).unwrap();
    let good = std::mem::replace(
        &mut journal.file,
        std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap(),
    );
    let error = journal.append(&[arrival(2)]).unwrap_err();
    assert!(error.to_string().contains("journal"), "{error}");
    assert_eq!(journal.next_number(), 2);
    journal.file = good;
    journal.append(&[arrival(2)]).unwrap();
    assert_eq!(read(folder.path(), 1).len(), 2);
}
