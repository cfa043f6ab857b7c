/// The words of monit 5.2.5.
enum ControlFileWords {
  /// Words that may appear nearly anywhere and mean nothing.
  static let noise: Set<String> = [
    "is", "as", "are", "for", "on", "only", "with", "within", "without", "program", "programs",
    "and", "has", "using", "use", "the", "sum", "than", "usage", "was", "times", "but", "of",
    "does",
  ]

  /// The first spelling of each word, by each of its spellings.
  static let keywords: [String: String] = {
    var found: [String: String] = [:]
    for line in spellings.split(separator: "\n") {
      for group in line.split(separator: ",") {
        let words = group.split(separator: " ").map(String.init)
        for word in words { found[word] = words[0] }
      }
    }
    return found
  }()

  /// Spellings of the same word are next to each other.
  private static let spellings = """
    if, or, then, else, not, failed, changed, exist, nonexist, match matching, ignore, set, start
    stop, restart restarts, unmonitor, alert, noalert, exec execute, timeout, every, mode, active
    passive, manual, cycle cycles, daemon, delay, logfile, syslog, facility, httpd, ssl, enable
    disable, address, clientpemfile, allowselfcertification, certmd5, pemfile, init, fips, allow
    readonly read-only, pidfile, idfile, statefile, path, port portnumber, unix unixsocket, type
    proto protocol, tcp, tcpssl, udp, icmp, echo, send, expect, expectbuffer, mail-format
    resource, checksum, mailserver, host, hostheader, system, default, http, apache-status, ftp
    smtp, postfix-policy, pop, imap, clamav, dns, mysql, nntp, ntp3, ssh, dwp, ldap2, ldap3
    rdate, lmtp, rsync, tns, pgsql, sip, gps, radius, memcache, target, maxforward, uid, gid
    request, secret, loglimit, closelimit, dnslimit, keepalivelimit, replylimit, requestlimit
    startlimit, waitlimit, gracefullimit, cleanuplimit, memory mem, totalmemory totalmem, swap
    cpu, totalcpu, children, timestamp, second seconds, minute minutes, hour hours
    day days, sslv2, sslv3, tlsv1, sslauto, inode inodes, space, permission perm, size, basedir
    slot slots, eventqueue, connection, action, cleartext, md5, sha1, crypt, signature, invalid
    data, recovered, passed, succeeded, mmonit, url, content, pid, ppid, count, reminder
    instance, hostname, username, password, credentials, register, fsflag fsflags, percent
    byte b, kilobyte kb, megabyte mb, gigabyte gb, greater gt >, less lt <, equal eq == =
    notequal ne, loadavg
    """
}
