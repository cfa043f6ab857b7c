import Glibc
import Testing

/// A separate file system that is soon full, in a temporary folder.
final class SmallDisk {
  let vm = TemporaryVM()
  let path: String

  /// Whether it can be mounted here: only as root, and not in every container.
  static let works: Bool = {
    guard geteuid() == 0 else { return false }
    return (try? SmallDisk(bytes: 1 << 16)) != nil
  }()

  static let isAllRequired = getenv("LOCKSTEP_REQUIRE_ALL").map { String(cString: $0) } == "1"
  static let need: Comment = "needs the right to mount: be root, or LOCKSTEP_REQUIRE_ALL=1 to fail"

  init(bytes: Int) throws {
    vm.makeFolder("disk")
    path = vm.at("disk")
    try #require(mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0, "no tmpfs here")
  }

  deinit { _ = umount2(path, 2 /* MNT_DETACH */) }

  func makeReadOnly() throws {
    // A child that another test has just started holds our files until it becomes another program.
    let isReadOnly = eventually {
      mount("tmpfs", path, "tmpfs", 1 | 32 /* MS_RDONLY, MS_REMOUNT */, nil) == 0
    }
    try #require(isReadOnly, "somebody still writes")
  }
}
