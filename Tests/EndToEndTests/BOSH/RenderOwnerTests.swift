import Glibc
import TestSupport
import Testing

/// Who owns rendered files on a VM with the group vcap.
@Suite(
  "Owners of rendered files",
  .waits,
  .enabled(
    if: Tool.isAllRequired || Tool.ruby.works("-e", "0") && Tool.unshare.works("-m", "true")
  )
)
struct RenderOwnerTests {
  /// A number that no user has.
  private static let vcap: gid_t = 43_210

  @Test("BOSH 4.2, 10.1: what root renders belongs to root and the group vcap")
  func group() throws {
    let sandbox = try Sandbox()
    let release = try TestRelease(
      sandbox,
      templates: ["a": "bin/pre-start", "c": "config/deep/c.conf"]
    )
    try release.template("a", "#!/bin/sh\n[ -r \"${0%/*}/../config/deep/c.conf\" ]\n")
    try release.template("c", "c\n")
    try sandbox.write("release/jobs/web/monit", "# none\n")
    try sandbox.folder("vm")
    try sandbox.write("group", "root:x:0:\nvcap:x:\(Self.vcap):\n")
    // The group exists for this command only.
    try inNamespace(sandbox, "render release --job web --vm vm")

    let job = sandbox["vm/jobs/web"]
    for path in [
      job, "\(job)/bin", "\(job)/bin/pre-start", "\(job)/config", "\(job)/config/deep",
      "\(job)/config/deep/c.conf", "\(job)/monit", sandbox["vm/sys/log/web"],
      sandbox["vm/sys/run/web"], sandbox["vm/data/web"],
    ] {
      var status = stat()
      #expect(stat(path, &status) == 0, "\(path)")
      #expect(status.st_uid == 0 && status.st_gid == Self.vcap, "\(path)")
    }
    // So root accepts it, and vcap can read and write what it must.
    #expect(FileTree.mode("\(job)/config/deep/c.conf") == "640")
    #expect(FileTree.mode(sandbox["vm/sys/log/web"]) == "770")
    try inNamespace(sandbox, "run bosh-start --vm vm")
  }

  private func inNamespace(_ sandbox: Sandbox, _ arguments: String) throws {
    let command = "mount --bind group /etc/group && exec '\(Lockstep.path)' \(arguments)"
    try RunningCommand(
      Tool.unshare.path,
      ["-m", "sh", "-c", command],
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
      folder: sandbox.path
    ).finish().expect(0)
  }
}
