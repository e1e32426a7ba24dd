//! Files that another file names.

use std::fs;

use robust_data::{Beside, Error};

#[test]
fn files_in_the_folder_are_read_in_part() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("inside")).unwrap();
    fs::write(folder.path().join("inside/m.data"), b"0123456789").unwrap();
    let beside = Beside::of(&folder.path().join("m.onnx")).unwrap();
    assert_eq!(beside.length("inside/m.data").unwrap(), 10);
    assert_eq!(beside.read("inside/m.data", 3, 4).unwrap(), b"3456");
    assert!(matches!(beside.read("inside/m.data", 8, 4), Err(Error::Read { .. })));
    assert!(matches!(beside.length("other"), Err(Error::Read { .. })));
    assert!(matches!(beside.length("inside"), Err(Error::NotAFile { found: "a folder", .. })));
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    fs::create_dir(&inside).unwrap();
    fs::write(folder.path().join("secret"), b"secret").unwrap();
    let beside = Beside::of(&inside.join("m.onnx")).unwrap();
    let absolute = folder.path().join("secret").display().to_string();
    for name in ["../secret", "", "..", "/etc/passwd", "../inside/../secret", &absolute] {
        assert!(matches!(beside.length(name), Err(Error::Outside { .. })), "{name}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(folder.path().join("secret"), inside.join("out")).unwrap();
        symlink("/dev/zero", inside.join("zero")).unwrap();
        symlink(inside.join("m.data"), inside.join("link")).unwrap();
        fs::write(inside.join("m.data"), b"weights").unwrap();
        let error = beside.length("out").unwrap_err().to_string();
        assert!(error.contains("leads out of") && !error.contains('\n'), "{error}");
        assert!(matches!(beside.length("zero"), Err(Error::Outside { .. })));
        assert_eq!(beside.read("link", 0, 7).unwrap(), b"weights");
    }
}
