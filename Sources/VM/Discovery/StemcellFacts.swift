import CLinux
import Glibc
import PlanGraph
import PlanLanguage
import System
import Words

/// What a VM's folder and the system around it say about its stemcell.
///
/// A stemcell writes `ubuntu` into `bosh/etc/operating_system` and its number, such as `1.404`,
/// into `bosh/etc/stemcell_version` (bosh-linux-stemcell-builder, `system_parameters`). The release
/// of Ubuntu is only in `/etc/os-release`, where the agent reads it too (bosh-agent,
/// `stemcellmetadata`), and before Xenial only in `/etc/lsb-release`. Together they form the name
/// that manifests use: `ubuntu-jammy`.
struct StemcellFacts {
  /// `stemcell.os` and `stemcell.version`, as far as they are known.
  private(set) var facts: [String: String] = [:]
  /// Why one of them is not, for people.
  private(set) var remarks: [String] = []
  /// Files that do not hold what they should.
  private(set) var problems: [Problem] = []

  private static let longest = 1 << 16
  private let vmPath: String

  /// Looks.
  ///
  /// - Parameters:
  ///   - folder: the root.
  ///   - vmPath: its path without links.
  ///   - system: the folder of the VM's `etc`; nil if the root is not at a VM's `/var/vcap`.
  init(in folder: Int32, _ vmPath: String, system: String?) {
    self.vmPath = vmPath
    if let version = word("bosh/etc/stemcell_version", folder) {
      let numbers = version.prefix { $0.isNumber || $0 == "." }
      let rest = version.dropFirst(numbers.count)
      if Version(planText: String(numbers)) != nil, rest.isEmpty || "-+".contains(rest.prefix(1)) {
        facts["stemcell.version"] = String(numbers)
      } else {
        problems.append(
          Problem(
            path: "\(vmPath)/bosh/etc/stemcell_version",
            what: "holds \(quoted(version)), which is not a version",
            help: "write the stemcell's number there, such as 1.404"
          )
        )
      }
    }
    guard let family = word("bosh/etc/operating_system", folder) else { return }
    if let line = system.flatMap({ Self.line(of: family, in: $0) }) {
      facts["stemcell.os"] = "\(family)-\(line)"
    } else {
      remarks.append(
        "stemcell.os: bosh/etc/operating_system says '\(family)', and which release of it "
          + (system == nil
            ? "is outside this folder, in /etc/os-release of the VM"
            : "is not in etc/os-release or etc/lsb-release")
      )
    }
  }

  /// The only word in a file; nil if there is no such file, or a problem with it.
  private mutating func word(_ path: String, _ folder: Int32) -> String? {
    do throws(PlainFailure) {
      guard
        let bytes = try VMFile.read(path, in: folder, beneath: vmPath, limit: Self.longest)
      else { return nil }
      let text = Self.trimmed(String(decoding: bytes, as: UTF8.self))
      if CheckedName.refusal(of: text) == nil { return text }
      throw PlainFailure(
        words: text.isEmpty
          ? "is empty" : "holds \(quoted(String(text.prefix(40)))), which is not a name"
      )
    } catch {
      problems.append(
        Problem(path: "\(vmPath)/\(path)", what: error.words, help: "fix or remove it")
      )
      return nil
    }
  }

  private static func trimmed(_ text: String) -> String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
    var rest = text.drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return String(rest)
  }

  /// The name of a release, such as `jammy`, or `7` for CentOS; nil if it is not given, or the
  /// system belongs to another family.
  private static func line(of family: String, in system: String) -> String? {
    let release = variables(system + "/os-release")
    let older = variables(system + "/lsb-release")
    let owner = release["ID"] ?? older["DISTRIB_ID"]?.lowercased()
    guard owner == family else { return nil }
    let found =
      release["VERSION_CODENAME"] ?? older["DISTRIB_CODENAME"]
      ?? (family == "centos" ? release["VERSION_ID"] : nil)
    return found.flatMap { CheckedName.refusal(of: $0) == nil ? $0 : nil }
  }

  /// The assignments of a file like os-release(5); none if it cannot be read.
  private static func variables(_ path: String) -> [String: String] {
    guard
      let bytes =
        (try? VMFile.read(path, in: AT_FDCWD, beneath: nil, limit: longest)).flatMap({ $0 })
    else { return [:] }
    var variables: [String: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      guard let equals = line.firstIndex(of: "=") else { continue }
      var value = trimmed(String(line[line.index(after: equals)...]))
      for quote in ["\"", "'"] where value.count >= 2 && value.hasPrefix(quote) {
        if value.hasSuffix(quote) { value = String(value.dropFirst().dropLast()) }
      }
      if !value.isEmpty { variables[trimmed(String(line[..<equals]))] = value }
    }
    return variables
  }
}
