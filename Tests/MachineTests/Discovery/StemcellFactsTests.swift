import Glibc
import Testing
@testable import VM

/// What a VM says about its stemcell.
@Suite struct StemcellFactsTests {
  struct VM: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// Relative to the whole system, whose `/var/vcap` is the VM's folder.
    var files: [String: String]
    var facts: [String: String]
  }

  static let vms = [
    VM(
      testDescription: "Jammy",
      files: [
        "var/vcap/bosh/etc/operating_system": "ubuntu",
        "var/vcap/bosh/etc/stemcell_version": "1.404",
        "etc/os-release": "NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=jammy\n",
      ],
      facts: ["stemcell.os": "ubuntu-jammy", "stemcell.version": "1.404"]
    ),
    VM(
      testDescription: "Trusty, whose os-release has no code name",
      files: [
        "var/vcap/bosh/etc/operating_system": "ubuntu\n",
        "var/vcap/bosh/etc/stemcell_version": "3586.100\n",
        "etc/os-release": "ID=ubuntu\nVERSION=\"14.04.6 LTS, Trusty Tahr\"\n",
        "etc/lsb-release": "DISTRIB_ID=Ubuntu\r\nDISTRIB_CODENAME=trusty\r\n",
      ],
      facts: ["stemcell.os": "ubuntu-trusty", "stemcell.version": "3586.100"]
    ),
    VM(
      testDescription: "CentOS 7, which has none",
      files: [
        "var/vcap/bosh/etc/operating_system": "centos",
        "etc/os-release": "ID=\"centos\"\nVERSION_ID='7'\n",
      ],
      facts: ["stemcell.os": "centos-7"]
    ),
    VM(
      testDescription: "a stemcell of a developer",
      files: ["var/vcap/bosh/etc/stemcell_version": "1.9-dev.3+x"],
      facts: ["stemcell.version": "1.9"]
    ),
    VM(
      testDescription: "a system of another family",
      files: [
        "var/vcap/bosh/etc/operating_system": "ubuntu",
        "etc/os-release": "ID=debian\nVERSION_CODENAME=bookworm\n",
      ],
      facts: [:]
    ),
    VM(
      testDescription: "an os-release that is hostile",
      files: [
        "var/vcap/bosh/etc/operating_system": "ubuntu",
        "etc/os-release": "ID=ubuntu\nVERSION_CODENAME=\"../x\u{1B}[31m\"\n",
      ],
      facts: [:]
    ),
    VM(testDescription: "nothing", files: ["etc/os-release": "ID=ubuntu\n"], facts: [:]),
  ]

  @Test("BOSH 9: the line and the version of a stemcell are as it writes them", arguments: vms)
  func tells(_ vm: VM) throws {
    let system = TemporaryVM()
    for folder in ["var", "var/vcap", "var/vcap/jobs"] { system.makeFolder(folder) }
    for (path, text) in vm.files { system.write(path, text) }
    let found = try VMFolder(system.at("var/vcap"))
    #expect(found.facts.filter { $0.key.hasPrefix("stemcell.") } == vm.facts)
    let isUnclear = vm.files.keys.contains { $0.hasSuffix("operating_system") }
    #expect(found.factRemarks.isEmpty == (!isUnclear || vm.facts["stemcell.os"] != nil))
  }

  @Test func aFolderElsewhereBelongsToAnotherSystem() throws {
    let vm = TemporaryVM()
    vm.write("bosh/etc/operating_system", "ubuntu")
    let found = try vm.open()
    #expect(found.facts["stemcell.os"] == nil)
    #expect(found.factRemarks.count == 1)
  }

  @Test(arguments: [
    ("stemcell_version", "next", "holds 'next', which is not a version"),
    ("stemcell_version", "1..2", "holds '1..2', which is not a version"),
    ("stemcell_version", "", "is empty"),
    ("operating_system", "a b", "holds 'a b', which is not a name"),
    ("operating_system", "\u{1B}[31m", "holds '\\u{1b}[31m', which is not a name"),
    ("operating_system", String(repeating: "x", count: 65537), "is longer than 65536 bytes"),
  ])
  func refusesInvalidOnes(file: String, text: String, what: String) {
    let vm = TemporaryVM()
    vm.write("bosh/etc/\(file)", text)
    do {
      _ = try vm.open()
      Issue.record("it is taken")
    } catch {
      #expect(error.problems.map(\.path) == [vm.at("bosh/etc/\(file)")])
      #expect(error.problems.map(\.what) == [what])
    }
  }
}
