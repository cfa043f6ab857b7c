import CLinux
import Glibc
import System

/// Follows a path as the kernel does, component by component and through links, and checks each
/// folder before it trusts its contents.
///
/// A folder that only root can write to keeps its contents after the check. So what is accepted
/// here is still good when the same path is executed, unless root itself changes it.
struct PathWalk {
  private let vm: VMFolder
  /// The number of links that the kernel follows.
  private static let mostLinks = 40

  init(_ vm: VMFolder) { self.vm = vm }

  /// The result of following a path up to its first link.
  enum Straight {
    /// There is no link and no fault.
    case good
    case fault(Problem)
    case link
    case missing
  }

  /// The first fault on the way.
  func fault(to path: String) -> Problem? {
    switch straight(to: path) {
    case .good, .missing: nil
    case .fault(let problem): problem
    case .link: faultThroughLinks(to: path)
    }
  }

  /// Follows a path from the VM's folder up to its first link.
  func straight(to path: String) -> Straight {
    var path = String(path.drop { $0 == "/" })
    // This is called for so many paths that their parts are cut off in place.
    return path.withUTF8 { bytes in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { place in
        for (index, byte) in bytes.enumerated() { place[index] = CChar(bitPattern: byte) }
        place[bytes.count] = 0
        return straight(along: bytes, place)
      }
    }
  }

  private func straight(
    along path: UnsafeBufferPointer<UInt8>,
    _ place: UnsafeMutableBufferPointer<CChar>
  ) -> Straight {
    guard let whole = place.baseAddress else { return .missing }
    let slash = UInt8(ascii: "/")
    let trusted = vm.trustedFolders.withLock { $0 }
    if !trusted.contains("") {
      guard let status = FileStatus(of: vm.folder.number) else { return .missing }
      if let what = OwnerRule.fault(status) { return .fault(problem(vm.path, what)) }
      trust("")
    }
    var end = 0
    var isFirst = true
    while end < path.count {
      end = path[(end + 1)...].firstIndex(of: slash) ?? path.count
      defer {
        if end < path.count { place[end] = CChar(bitPattern: slash) }
        isFirst = false
      }
      place[end] = 0
      let name = isFirst ? String(decoding: path[..<end], as: UTF8.self) : ""
      if isFirst, trusted.contains(name) { continue }
      guard let status = FileStatus(cString: whole, in: vm.folder.number, follow: false) else {
        return .missing
      }
      if status.isLink { return .link }
      if let what = OwnerRule.fault(status) {
        let part = String(decoding: path[..<end], as: UTF8.self)
        return .fault(problem("\(vm.path)/\(part)", what))
      }
      // The folder around everything is checked once, and not for each script.
      if isFirst, status.isFolder { trust(name) }
    }
    return .good
  }

  private func trust(_ folder: String) { vm.trustedFolders.withLock { _ = $0.insert(folder) } }

  /// The first fault on the way to an absolute path.
  func fault(toProgram path: String) -> Problem? {
    if let inside = vm.part(of: path) { return fault(to: String(inside)) }
    guard let folder = try? Descriptor.folder("/"), let status = FileStatus(of: folder.number)
    else { return nil }
    if let what = OwnerRule.fault(status) { return problem("/", what) }
    return faultThroughLinks(to: path, from: folder, "/")
  }

  private func faultThroughLinks(to path: String) -> Problem? {
    guard let folder = try? Descriptor.folder(".", in: vm.folder.number) else { return nil }
    return faultThroughLinks(to: path, from: folder, vm.path)
  }

  /// The first fault on the way from a folder that is found good already.
  ///
  /// - Parameters:
  ///   - path: relative to the folder.
  ///   - start: the folder.
  ///   - startPath: its path.
  /// - Returns: nil if there is none, or no such file.
  private func faultThroughLinks(
    to path: String,
    from start: consuming Descriptor,
    _ startPath: String
  ) -> Problem? {
    var folder = start
    var place = startPath
    var rest: [Substring] = path.split(separator: "/").reversed()
    var links = 0
    while let name = rest.popLast() {
      if name == "." { continue }
      let path = String(name)
      guard let status = FileStatus(path, in: folder.number, follow: false) else { return nil }
      if status.isLink {
        links += 1
        guard links <= Self.mostLinks, let target = readLink(path, in: folder.number) else {
          return nil
        }
        var way = target[...]
        if target.hasPrefix("/") {
          let start: Descriptor?
          if let inside = vm.part(of: target) {
            way = inside
            place = vm.path
            start = try? Descriptor.folder(".", in: vm.folder.number)
          } else {
            place = "/"
            start = try? Descriptor.folder("/")
          }
          guard let start else { return nil }
          folder = start
        }
        rest += way.split(separator: "/").reversed()
        continue
      }
      if name == ".." {
        place = place.lastIndex(of: "/").map { String(place[..<$0]) } ?? ""
        if place.isEmpty { place = "/" }
      } else {
        place += place == "/" ? path : "/\(path)"
      }
      // The folders around the VM's folder are the responsibility of whoever named it.
      let isAround = place != vm.path && isPath(vm.path, beneath: place)
      if !isAround, let what = OwnerRule.fault(status) { return problem(place, what) }
      if rest.isEmpty { return nil }
      guard let next = try? Descriptor.folder(path, in: folder.number) else { return nil }
      folder = next
    }
    return nil
  }

  private func problem(_ path: String, _ what: String) -> Problem {
    Problem(
      path: path,
      what: what,
      help: "if you trust it: chown root and chmod go-w it; or run as its owner"
    )
  }
}
