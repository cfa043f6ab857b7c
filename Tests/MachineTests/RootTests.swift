import CLinux
import Glibc
import PlanGraph
import Testing
@testable import VM

/// Which folders are taken for a VM's, and what is found in them.
@Suite struct RootTests {
  private func problems(_ path: String) -> [Problem] {
    do {
      _ = try VMRoot(path)
      return []
    } catch {
      return error.problems
    }
  }

  @Test func refusesWhatIsNoFolder() {
    let root = TemporaryRoot()
    root.write("file", "")
    #expect(problems(root.at("absent")).map(\.what) == ["does not exist"])
    #expect(problems(root.at("file")).map(\.what) == ["is not a folder"])
    #expect(problems("").map(\.what) == ["does not exist"])
    root.makeFolder("bosh")
    rmdir(root.at("jobs"))
    #expect(problems(root.path).map(\.path) == [root.at("jobs")])
    root.write("jobs", "")
    #expect(problems(root.path).map(\.what) == ["is not a folder"])
  }

  @Test("BOSH 2.1: without a spec all folders in jobs are release jobs, links too")
  func findsReleaseJobsInOrder() throws {
    let root = TemporaryRoot()
    for name in ["web", "a+b.c_d-1", "Z"] { root.makeFolder("jobs/\(name)") }
    root.makeFolder("data/jobs/linked/v1")
    root.write("data/jobs/linked/v1/bin/pre-start", "x")
    symlink(root.at("data/jobs/linked/v1"), root.at("jobs/linked"))
    root.write("jobs/.gitkeep", "")
    let found = try root.open()
    #expect(found.releaseJobs.map(\.text) == ["Z", "a+b.c_d-1", "linked", "web"])
    #expect(found.site.discovered?.releaseJobs == ["Z", "a+b.c_d-1", "linked", "web"])
    #expect(found.site.hasScript("vm/0", "linked", "pre-start"))
  }

  @Test("BOSH 10.5, 12, names: bad names and links that lead out are refused")
  func refusesBadNamesAndLinksOut() {
    let root = TemporaryRoot()
    let outside = TemporaryRoot()
    root.makeFolder("jobs/-rf")
    root.makeFolder("jobs/two\nlines")
    root.makeFolder("jobs/a b")
    root.makeFolder("jobs/.hidden")
    root.write("jobs/file", "")
    symlink(outside.path, root.at("jobs/out"))
    symlink("nowhere", root.at("jobs/dangling"))
    symlink("../..", root.at("jobs/up"))
    #expect(
      problems(root.path).map(\.description) == [
        "\(root.path)/jobs/'-rf': the name of this release job begins with '-', and would be taken "
          + "for an option; rename or remove it",
        "\(root.path)/jobs/'.hidden': the name of this release job begins with '.', and would be "
          + "hidden; rename or remove it",
        "\(root.path)/jobs/'a b': the name of this release job has ' ' in it, which is none of "
          + "letters, digits and - _ + .; rename or remove it",
        "\(root.path)/jobs/dangling: is a link to nothing; remove or mend it",
        "\(root.path)/jobs/file: is not a folder, and jobs/ holds a folder for each release job; "
          + "remove it",
        "\(root.path)/jobs/out: ends outside of the root, at '\(outside.path)'; only what is "
          + "beneath \(root.path) is run; put the folder there",
        "\(root.path)/jobs/'two\\nlines': the name of this release job has a line break in it; "
          + "rename or remove it",
        "\(root.path)/jobs/up: ends outside of the root, at '/tmp'; only what is beneath "
          + "\(root.path) is run; put the folder there",
      ]
    )
  }

  @Test("BOSH 2.2: what stat finds is there, a link to nothing is not")
  func scriptsAreThereAsForTheAgent() throws {
    let root = TemporaryRoot()
    root.script("a", "pre-start", "")
    root.makeFolder("jobs/a/bin/post-start")
    symlink("nowhere", root.at("jobs/a/bin/drain"))
    symlink("pre-start", root.at("jobs/a/bin/post-stop"))
    let found = try root.open()
    let present = ["pre-start", "post-start", "drain", "post-stop", "pre-stop", "../bin/pre-start"]
      .filter { found.hasScript($0, of: "a") }
    #expect(present == ["pre-start", "post-start", "post-stop"])
    #expect(!found.hasScript("pre-start", of: "b"))
    #expect(!found.hasScript("pre-start", of: "../jobs/a"))
  }

  @Test("BOSH 3.3: scripts run in bosh, as the agent does")
  func worksInTheFolderThatTheAgentWorksIn() throws {
    let root = TemporaryRoot()
    #expect(try root.open().workingFolderPath == root.path)
    root.makeFolder("bosh")
    #expect(try root.open().workingFolderPath == root.at("bosh"))
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
