import Execution
import Glibc
@testable import Machine
import Testing

extension HolderRig {
  /// Runs a shell script in which a tmpfs of a few pages is the folder of records, which nobody
  /// else sees, and `$@` is the holder `a` of `sh -c COMMAND`.
  fileprivate func onSmallDisk(_ script: String, holding command: String) throws -> AttemptResult {
    let mount = "mount -t tmpfs -o size=16k none \(vm.at("held")) || exit 99"
    let process = try start(
      "/usr/bin/unshare",
      ["unshare", "-rm", "sh", "-c", "\(mount)\n\(script)", "sh", holderProgram]
        + arguments("a", command).dropFirst()
    )
    return wait(process)
  }
}

/// Whether this user may mount a private file system.
private let canMount: Bool = {
  if let all = getenv("LOCKSTEP_REQUIRE_ALL"), String(cString: all) == "1" { return true }
  return (try? HolderRig().onSmallDisk("exit 0", holding: "")) == .exited(0)
}()

/// Records on a disk that is full.
@Suite(.serialized, .enabled(if: canMount, "needs a user namespace that may mount"))
struct FullDiskTests {
  let rig: HolderRig

  init() throws { rig = try HolderRig() }

  @Test func nothingIsRun() throws {
    let result = try rig.onSmallDisk(
      "cat /dev/zero >held/rest 2>/dev/null; \"$@\"; echo $? >status; ls -A held >left",
      holding: "echo ran >ran"
    )
    #expect(result == .exited(0))
    #expect(rig.vm.lines("status") == ["\(ENOSPC)"])
    #expect(rig.vm.lines("left") == ["rest"])
    #expect(rig.vm.read("ran") == nil)
  }

  /// Its space was taken before the command began.
  @Test func theEndIsStillRecorded() throws {
    rig.vm.makeFolder("copy")
    let result = try rig.onSmallDisk(
      "\"$@\"; echo $? >status; cp held/a.held copy; ! echo >held/more",
      holding: "cat /dev/zero >held/rest 2>/dev/null; echo ran >ran; exit 3"
    )
    #expect(result == .exited(0), "the disk was full")
    #expect(rig.vm.lines("status") == ["3"])
    #expect(rig.vm.read("ran") == "ran\n")
    let record = HeldCommandRecord(folder: rig.vm.at("copy"), name: "a")
    #expect(record.read() == .ended(.exited(3), byTimeout: false))
  }
}
