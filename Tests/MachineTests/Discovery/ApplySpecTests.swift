import CLinux
import Glibc
import PlanGraph
import Testing
@testable import VM

/// Which release jobs a VM has, by `bosh/spec.json`.
@Suite struct ApplySpecTests {
  private static let spec = """
    {"deployment": "shop", "name": "web", "index": 3, "id": "9d7f", "az": "z1",
     "job": {"name": "web", "template": "nginx", "version": "7",
       "templates": [{"name": "nginx", "version": "1", "sha1": "x"}, {"name": "app"}]},
     "networks": {"default": {"ip": "10.0.0.1"}}, "persistent_disk": 0,
     "rendered_templates_archive": {"sha1": "x", "blobstore_id": "y"}}
    """

  private func vm(_ spec: String?, _ releaseJobs: [String]) -> TemporaryVM {
    let vm = TemporaryVM()
    if let spec { vm.write("bosh/spec.json", spec) }
    for releaseJob in releaseJobs { vm.script(releaseJob, "pre-start", "exit 0") }
    return vm
  }

  private func problems(_ vm: TemporaryVM) -> [String] {
    do {
      _ = try vm.open()
      return []
    } catch {
      return error.problems.map { "ROOT" + $0.description.dropFirst(vm.path.utf8.count) }
    }
  }

  @Test(
    "BOSH 2.1: release jobs are those that the apply spec lists, in its order; leftovers do not count"
  )
  func specNamesReleaseJobs() throws {
    let vm = vm(Self.spec, ["app", "nginx", "left-over"])
    // What does not run may be called anything.
    vm.makeFolder("jobs/two\nlines")
    symlink("/", vm.at("jobs/out"))
    let found = try vm.open()
    #expect(found.releaseJobs.map(\.text) == ["nginx", "app"])
    #expect(found.leftovers == ["left-over", "out", "two\nlines"])
    #expect(found.site.discovered?.jobs.first?.name == "web")
    #expect(found.site.discovered?.jobs.first?.instances.first?.index == "3")
    #expect(
      found.facts.filter { $0.key != "vm.host" } == [
        "deployment.name": "shop", "deployment-job.name": "web", "instance.index": "3",
        "instance.id": "9d7f", "instance.az": "z1", "instance.persistent-disk": "0",
      ]
    )
  }

  @Test("BOSH 2.1: there are no release jobs while rendered_templates_archive is null")
  func nothingIsRendered() throws {
    for spec in [
      Self.spec.replacing("{\"sha1\": \"x\", \"blobstore_id\": \"y\"}", with: "null"),
      "{\"job\":{\"templates\":[{\"name\":\"app\"}]}}", "{}",
      "{\"job\":{},\"rendered_templates_archive\":{}}",
    ] {
      let vm = vm(spec, ["app"])
      let found = try vm.open()
      #expect(found.releaseJobs.isEmpty)
      #expect(found.leftovers == ["app"])
    }
    // If nothing is to be run, not even the folder need exist.
    let empty = vm("{}", [])
    rmdir(empty.at("jobs"))
    #expect(try empty.open().releaseJobs.isEmpty)
  }

  @Test("BOSH 2.1: keys are read in upper or lower case, and the last one counts, as in Go")
  func keysInCapitals() throws {
    let capitals = """
      {"NAME": "web", "Index": 2, "Rendered_Templates_Archive": {}, "PERSISTENT_DISK": 10240,
       "JOB": {"TEMPLATES": [{"NAME": "app"}]}, "deployment": "a", "Deployment": "b", "DEPLOYMENT": null,
       "index": 3, "az": "z1", "i\\u0064": "x"}
      """
    let found = try vm(capitals, ["app"]).open()
    #expect(found.releaseJobs.map(\.text) == ["app"])
    #expect(found.persistentDisk == 10240)
    #expect(
      found.facts.filter { $0.key != "vm.host" } == [
        "deployment.name": "b", "deployment-job.name": "web", "instance.index": "3",
        "instance.az": "z1", "instance.id": "x", "instance.persistent-disk": "10240",
      ]
    )
  }

  @Test("Values that are read twice are merged, and null empties only lists and pointers")
  func readTwice() throws {
    let spec = try ApplySpec(
      Array(
        """
        {"job": {"name": "web", "templates": [{"name": "a"}]}, "JOB": {"templates": [{"name": "b"}]},
         "Job": null, "index": 3, "INDEX": null, "persistent_disk": 5, "Persistent_disk": null,
         "rendered_templates_archive": {"sha1": "x"}, "per\\u017Fi\\u017Ftent_di\\u017F\\u212A": 7}
        """.utf8
      )
    )
    #expect(spec.deploymentJob == "web")
    #expect(spec.releaseJobs.map(\.text) == ["b"])
    #expect(spec.index == nil)
    #expect(spec.persistentDisk == 7)
    let gone = try ApplySpec(
      Array(
        "{\"rendered_templates_archive\":{},\"RENDERED_TEMPLATES_ARCHIVE\":null,\"job\":{\"templates\":[{\"name\":\"a\"}]}}"
          .utf8
      )
    )
    #expect(gone.releaseJobs.isEmpty)
  }

  @Test("BOSH 2.1: a spec of null has nothing to run")
  func null() throws {
    let found = try vm("null", ["app"]).open()
    #expect(found.releaseJobs.isEmpty && found.hasSpec)
    #expect(found.leftovers == ["app"])
    #expect(found.instance == ("vm", "0"))
  }

  @Test("BOSH 12, spec: a release job that is named but missing is refused")
  func aMissingReleaseJob() {
    #expect(
      problems(vm(Self.spec, ["app"])) == [
        "ROOT/jobs/nginx: does not exist, and bosh/spec.json names this release job; the agent has "
          + "not applied that file completely; apply it again"
      ]
    )
  }

  @Test(
    "BOSH 10.5, 12, names: a spec that is broken or hostile is refused",
    arguments: [
      ("", "is empty"),
      ("[1,\n 2", "line 2, column 3 has its end where ',' or ']' should be"),
      ("[]", "holds a list, where an object should be"),
      ("{\"job\":[]}", "job is a list, where an object should be"),
      ("{\"name\":7}", "name is a number, where a string should be"),
      ("{\"name\":\"a/b\"}", "name is 'a/b'; a name is letters, digits and - _ + ."),
      ("{\"index\":\"0\"}", "index is a string, where a whole number should be"),
      ("{\"index\":-1}", "index is -1, which is not the index of an instance"),
      ("{\"index\":99999999999999999999}", "index is 99999999999999999999, which is too large"),
      ("{\"persistent_disk\":1.5}", "persistent_disk is 1.5, which is not a whole number"),
      ("{\"persistent_disk\":1e3}", "persistent_disk is 1e3, which is not a whole number"),
      (
        "{\"persistent_disk\":\"1\"}", "persistent_disk is a string, where a whole number should be"
      ),
      (
        "{\"Persistent_Disk\":1.5,\"persistent_disk\":1}",
        "persistent_disk is 1.5, which is not a whole number"
      ),
      ("{\"configuration_hash\":1}", "configuration_hash is a number, where a string should be"),
      ("{\"networks\":[]}", "networks is a list, where an object should be"),
      ("{\"networks\":{\"a\":1}}", "networks.a is a number, where an object should be"),
      (
        "{\"packages\":{\"a\":{\"version\":1}}}",
        "packages.a.version is a number, where a string should be"
      ),
      (
        "{\"properties\":{\"logging\":{\"max_log_file_size\":50}}}",
        "properties.logging.max_log_file_size is a number, where a string should be"
      ),
      ("{\"az\":\"z\\u001b[31m\"}", "az is 'z\\u{1b}[31m', which is not a name"),
      (
        templates("{}"), "job.templates is an object, where a list should be"
      ),
      (templates("[null]"), "job.templates[0] is null, where an object should be"),
      (templates("[{}]"), "job.templates[0] has no name"),
      (
        templates("[{\"name\":\"../../etc\"}]"),
        "job.templates[0]: the name '../../etc' of this release job contains '/'"
      ),
      (
        templates("[{\"name\":\"..\"}]"),
        "job.templates[0]: the name '..' of this release job means the folder itself or its parent"
      ),
      (
        templates("[{\"name\":\"a\\nb\"}]"),
        "job.templates[0]: the name 'a\\nb' of this release job contains a line break"
      ),
      (
        templates("[{\"name\":\"app\"},{\"name\":\"app\"}]"), "names the release job 'app' twice"
      ),
    ]
  )
  func anInvalidSpec(text: String, what: String) {
    let help =
      "it says which release jobs run; have the agent write it again, or move it away to run all "
      + "release jobs in jobs/"
    #expect(problems(vm(text, ["app"])) == ["ROOT/bosh/spec.json: \(what); \(help)"])
  }

  private static func templates(_ list: String) -> String {
    "{\"job\":{\"templates\":\(list)},\"rendered_templates_archive\":{}}"
  }

  @Test func aSpecThatIsNotAFile() {
    let outside = TemporaryVM()
    outside.write("spec.json", "{}")
    let make: [(String, (TemporaryVM) -> Void)] = [
      ("is a folder, not a file", { $0.makeFolder("bosh/spec.json") }),
      ("is a named pipe, not a file", { mkfifo($0.at("bosh/spec.json"), 0o644) }),
      ("cannot be read: No such file or directory", { symlink("no", $0.at("bosh/spec.json")) }),
      (
        "leads outside the VM's folder, to '\(outside.at("spec.json"))'",
        { symlink(outside.at("spec.json"), $0.at("bosh/spec.json")) }
      ),
      ("is a device, not a file", { symlink("/dev/zero", $0.at("bosh/spec.json")) }),
      (
        "is longer than 16777216 bytes",
        {
          $0.write("bosh/spec.json", "")
          truncate($0.at("bosh/spec.json"), (16 << 20) + 1)
        }
      ),
    ]
    for (what, make) in make {
      let vm = TemporaryVM()
      vm.makeFolder("bosh")
      make(vm)
      let found = problems(vm)
      // /dev/zero is outside, and not a regular file.
      let isOutside = found.first?.contains("outside the VM's folder, to '/dev/zero'") ?? false
      #expect(found.count == 1 && (found[0].contains(what) || isOutside), "\(what): \(found)")
    }
  }
}
