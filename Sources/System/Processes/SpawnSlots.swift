import CSpawn
import Glibc

/// Starts processes without waiting until they have executed their programs.
///
/// Until then a child runs in our memory (`CSpawn`), so what it reads there must not change: its
/// path is in its slot, and its arguments and environment are kept alive.
final class SpawnSlots {
  private struct Slot {
    var pointer: OpaquePointer
    /// The last start that it was used for, if its result may still be asked for.
    var ticket: UInt64?
    // What the child reads.
    var arguments: CStrings?
    var environment: CStrings?
  }

  /// In the order of their last starts, which is roughly the order in which they become free.
  private var slots: [Slot] = []
  private var nextTicket: UInt64 = 0
  /// Errors of starts whose slot has been reused, until they are asked for.
  private var failures: [UInt64: Int32] = [:]

  /// How many children may be on the way to their programs; the next start waits for the oldest.
  ///
  /// It is as many as run side by side by default, and takes some 32 KiB each of address space.
  private static let most = 256

  /// Prepares it; nil if the machine does not have what it takes.
  init?() {
    if spawn_is_possible() == 0 { return nil }
  }

  deinit {
    for slot in slots {
      if spawn_slot_is_busy(slot.pointer) == 0 {
        spawn_slot_remove(slot.pointer)
      } else {
        // Its child is on the way still, for as long as that takes.
        if let arguments = slot.arguments { _ = Unmanaged.passRetained(arguments) }
        if let environment = slot.environment { _ = Unmanaged.passRetained(environment) }
      }
    }
  }

  /// Starts a process.
  ///
  /// - Parameters:
  ///   - request: what and how; its path, arguments and environment are put in here.
  ///   - start: where those are from.
  /// - Returns: the process, which need not have executed its program yet.
  /// - Throws: an error that says why there is none.
  func start(
    _ request: consuming spawn_request,
    _ start: ProgramStart
  ) throws(SpawnFailure) -> SpawnedProcess {
    guard var slot = take() else { throw SpawnFailure(number: ENOMEM) }
    let ticket = nextTicket
    nextTicket += 1
    slot.ticket = ticket
    slot.arguments = start.arguments
    slot.environment = start.environment
    var process = spawn_process()
    request.arguments = start.arguments.map { UnsafePointer($0.pointer) }
    request.environment = UnsafePointer(start.environment.pointer)
    let number = start.path.withCString { path in
      request.path = path
      return spawn_slot_start(slot.pointer, &request, &process)
    }
    slots.append(slot)
    if number != 0 { throw SpawnFailure(number: number) }
    return SpawnedProcess(
      process: process.number,
      handle: process.descriptor >= 0 ? Descriptor(owning: process.descriptor) : nil,
      ticket: ticket,
      group: nil
    )
  }

  /// Why a process that has ended had not executed its program; nil if it had.
  ///
  /// To be asked once.
  func failure(of ticket: UInt64) -> SpawnFailure? {
    if let index = slots.lastIndex(where: { $0.ticket == ticket }) {
      slots[index].ticket = nil
      let number = spawn_slot_error(slots[index].pointer)
      return number == 0 ? nil : SpawnFailure(number: number)
    }
    return failures.removeValue(forKey: ticket).map { SpawnFailure(number: $0) }
  }

  /// A slot that is free, out of the list.
  private func take() -> Slot? {
    if let index = slots.firstIndex(where: { spawn_slot_is_busy($0.pointer) == 0 }) {
      return free(slots.remove(at: index))
    }
    if slots.count < Self.most, let pointer = spawn_slot_make() {
      return Slot(pointer: pointer)
    }
    guard let oldest = slots.first else { return nil }
    spawn_slot_wait(oldest.pointer)
    return free(slots.removeFirst())
  }

  private func free(_ slot: Slot) -> Slot {
    let number = spawn_slot_error(slot.pointer)
    if let ticket = slot.ticket, number != 0 { failures[ticket] = number }
    return slot
  }
}
