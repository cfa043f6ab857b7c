import CLinux
import Glibc
import PlanGraph
import Testing
@testable import VM

/// Which folders count as a VM's, and what is found in them.
@Suite struct VMFolderTests {
  private func problems(_ path: String) -> [Problem] {
    do {
      _ = try VMFolder(path)
      return []
    } catch {
      return error.problems
    }
  }

  @Test func refusesWhatIsNotAFolder() {
    let vm = TemporaryVM()
    vm.write("file", "")
    #expect(problems(vm.at("absent")).map(\.what) == ["does not exist"])
    #expect(problems(vm.at("file")).map(\.what) == ["is not a folder"])
    #expect(problems("").map(\.what) == ["does not exist"])
    vm.makeFolder("bosh")
    rmdir(vm.at("jobs"))
    #expect(problems(vm.path).map(\.path) == [vm.at("jobs")])
    vm.write("jobs", "")
    #expect(problems(vm.path).map(\.what) == ["is not a folder"])
  }

  @Test("BOSH 2.1: without a spec all folders in jobs are release jobs, links too")
  func findsReleaseJobsInOrder() throws {
    let vm = TemporaryVM()
    for name in ["web", "a+b.c_d-1", "Z"] { vm.makeFolder("jobs/\(name)") }
    vm.makeFolder("data/jobs/linked/v1")
    vm.write("data/jobs/linked/v1/bin/pre-start", "x")
    symlink(vm.at("data/jobs/linked/v1"), vm.at("jobs/linked"))
    vm.write("jobs/.gitkeep", "")
    let found = try vm.open()
    #expect(found.releaseJobs.map(\.text) == ["Z", "a+b.c_d-1", "linked", "web"])
    #expect(
      found.site.discovered?.jobs.first?.instances.first?.releaseJobs == [
        "Z", "a+b.c_d-1", "linked", "web",
      ]
    )
    #expect(found.site.hasScript("vm/0", "linked", "pre-start"))
  }

  @Test("BOSH 10.5, 12, names: bad names and links that lead out are refused")
  func refusesBadNamesAndLinksOut() {
    let vm = TemporaryVM()
    let outside = TemporaryVM()
    vm.makeFolder("jobs/-rf")
    vm.makeFolder("jobs/two\nlines")
    vm.makeFolder("jobs/a b")
    vm.makeFolder("jobs/.hidden")
    vm.write("jobs/file", "")
    symlink(outside.path, vm.at("jobs/out"))
    symlink("nowhere", vm.at("jobs/dangling"))
    symlink("../..", vm.at("jobs/up"))
    #expect(
      problems(vm.path).map(\.description) == [
        "\(vm.path)/jobs/'-rf': the name of this release job begins with '-', and would be read "
          + "as an option; rename or remove it",
        "\(vm.path)/jobs/'.hidden': the name of this release job begins with '.', and would be "
          + "hidden; rename or remove it",
        "\(vm.path)/jobs/'a b': the name of this release job contains ' '; only "
          + "letters, digits and - _ + . are allowed; rename or remove it",
        "\(vm.path)/jobs/dangling: is a dangling link; fix or remove it",
        "\(vm.path)/jobs/file: is not a folder, and jobs/ holds a folder for each release job; "
          + "remove it",
        "\(vm.path)/jobs/out: leads outside the VM's folder, to '\(outside.path)'; only what is "
          + "inside \(vm.path) is run; put the folder there",
        "\(vm.path)/jobs/'two\\nlines': the name of this release job contains a line break; "
          + "rename or remove it",
        "\(vm.path)/jobs/up: leads outside the VM's folder, to '/tmp'; only what is inside "
          + "\(vm.path) is run; put the folder there",
      ]
    )
  }

  @Test("BOSH 2.2: what stat finds exists, a dangling link does not")
  func scriptsExistAsForTheAgent() throws {
    let vm = TemporaryVM()
    vm.script("a", "pre-start", "")
    vm.makeFolder("jobs/a/bin/post-start")
    symlink("nowhere", vm.at("jobs/a/bin/drain"))
    symlink("pre-start", vm.at("jobs/a/bin/post-stop"))
    let found = try vm.open()
    let present = ["pre-start", "post-start", "drain", "post-stop", "pre-stop", "../bin/pre-start"]
      .filter { found.hasScript($0, of: "a") }
    #expect(present == ["pre-start", "post-start", "post-stop"])
    #expect(!found.hasScript("pre-start", of: "b"))
    #expect(!found.hasScript("pre-start", of: "../jobs/a"))
  }

  @Test("BOSH 3.3: scripts run in bosh, as the agent does")
  func worksInTheAgentsFolder() throws {
    let vm = TemporaryVM()
    #expect(try vm.open().workingFolderPath == vm.path)
    vm.makeFolder("bosh")
    #expect(try vm.open().workingFolderPath == vm.at("bosh"))
  }

  @Test(arguments: ["a", "a-b", "A_1.2+3", String(repeating: "a", count: 255)])
  func acceptsNames(_ name: String) throws { #expect(try CheckedName(name).text == name) }

  @Test(arguments: [
    "", ".", "..", "-a", ".a", "a/b", "a\nb", "a\u{1B}b", "ä", "a b",
    String(repeating: "a", count: 256),
  ])
  func refusesNames(_ name: String) {
    #expect(throws: NameRefusal.self) { try CheckedName(name) }
  }
}
