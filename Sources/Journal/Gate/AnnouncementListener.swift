/// Receives everything that a run announces, in one stream: a display, a file of events, or a
/// remote end.
///
/// The run's decisions come in their order, each when its cause is on disk. A step's remark comes
/// after what was announced before it. Only a signal is announced at once, because a person waits
/// for the answer and the disk may be stuck. The end of the run is not announced: its driver knows
/// it.
package protocol AnnouncementListener: AnyObject {
  /// Receives the next announcement. It must not block, because everything else would wait.
  func hear(_ due: DueAnnouncement)
  /// Nothing more is due for now. Collected output can be written.
  func pause()
}

extension AnnouncementListener {
  package func pause() {}
}
