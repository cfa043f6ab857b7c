/// The grammar of monit 5.2.5, for the statements whose contents are not used here.
enum ControlFileGrammar {
  /// What may appear in each kind of check in addition to `start`, `stop`, `group` and `depends
  /// on`, which all kinds except `check status` have.
  static let rules = StatementGrammar(
    """
    process = 'if' (exist | process-number | connection | action-rate | process-resource)
            | alert | every | mode
    file = 'if' (exist | timestamp | action-rate | permission | owner | checksum | size | match)
         | ignore | alert | every | mode
    filesystem = 'if' (exist | action-rate | permission | owner | inode | space | flags)
               | alert | every | mode
    directory = 'if' (exist | timestamp | action-rate | permission | owner) | alert | every | mode
    fifo = directory
    host = 'if' (exist | connection | ping | action-rate) | alert | every | mode
    system = 'if' (action-rate | system-resource) | alert | every
    status = 'if' (exist | action-rate) | alert | every

    exist = 'not' 'exist' then
    process-number = 'changed' ('pid' | 'ppid') rate? 'then' action
    action-rate = NUMBER 'restart' NUMBER 'cycle' 'then' ('timeout' | action)
    connection = 'failed' ('unix' PATH type? protocol?
                 | 'url' URL ('content' ('equal' | 'notequal') STRING)?
                 | ('host' STRING)? 'port' NUMBER type? protocol?) timeout? then
    ping = 'failed' 'icmp' 'type' 'echo' ('count' NUMBER)? timeout? then
    process-resource = (process-share | memory | 'children' operator? NUMBER | load)+ then
    process-share = ('cpu' | 'totalcpu') operator? NUMBER 'percent'
    system-resource = (load | memory | 'swap' amount | 'cpu share' operator? NUMBER 'percent')+ then
    memory = ('memory' | 'totalmemory') amount
    load = 'loadavg' operator? (REAL | NUMBER)
    amount = operator? (NUMBER 'percent' | (REAL | NUMBER) unit?)
    timestamp = 'timestamp' operator? NUMBER ('second' | 'minute' | 'hour' | 'day')? then
              | 'changed' 'timestamp' rate? 'then' action
    permission = 'failed' 'permission' NUMBER then
    owner = 'failed' ('uid' | 'gid') (STRING | NUMBER) then
    checksum = 'failed' hash? 'checksum' ('expect' STRING)? then
             | 'changed' hash? 'checksum' rate? 'then' action
    hash = 'md5' | 'sha1'
    size = 'size' operator? NUMBER unit? then | 'changed' 'size' rate? 'then' action
    inode = 'inode' operator? NUMBER 'percent'? then
    space = 'space' amount then
    flags = 'changed' 'fsflag' rate? 'then' action
    match = 'not'? 'match' (PATH | STRING) rate? 'then' action
    ignore = 'ignore' 'not'? 'match' (PATH | STRING)

    then = rate? 'then' action ('else' 'if' ('recovered' | 'passed' | 'succeeded') rate? 'then' action)?
    rate = NUMBER NUMBER? 'cycle'
    action = 'alert' | 'exec' program | 'restart' | 'start' | 'stop' | 'unmonitor'
    program = (STRING | PATH)+ user*
    user = ('uid' | 'gid') (STRING | NUMBER)
    timeout = 'timeout' NUMBER 'second'
    operator = 'greater' | 'less' | 'equal' | 'notequal' | 'changed'
    unit = 'byte' | 'kilobyte' | 'megabyte' | 'gigabyte'
    every = 'every' NUMBER 'cycle'
    mode = 'mode' ('active' | 'passive' | 'manual')

    type = 'type' ('tcp' | 'tcpssl' ssl-version? certificate? | 'udp')
    ssl-version = 'sslv2' | 'sslv3' | 'tlsv1' | 'sslauto'
    certificate = 'certmd5' STRING
    protocol = 'proto' ('apache-status' apache ('or' apache)* | 'http' request? | 'sip' sip
             | 'radius' 'secret' STRING | plain-protocol) | (('send' | 'expect') STRING)+
    plain-protocol = 'default' | 'dns' | 'dwp' | 'ftp' | 'imap' | 'clamav' | 'ldap2' | 'ldap3'
                   | 'mysql' | 'nntp' | 'ntp3' | 'postfix-policy' | 'pop' | 'smtp' | 'ssh' | 'rdate'
                   | 'rsync' | 'tns' | 'pgsql' | 'lmtp' | 'gps' | 'memcache'
    apache = ('loglimit' | 'closelimit' | 'dnslimit' | 'keepalivelimit' | 'replylimit'
           | 'requestlimit' | 'startlimit' | 'waitlimit' | 'gracefullimit' | 'cleanuplimit')
           operator? NUMBER 'percent'
    request = 'request' PATH ('checksum' STRING)? ('hostheader' STRING)?
    sip = ('target' (MAIL | STRING))? ('maxforward' NUMBER)?

    alert = 'alert' MAIL 'not'? events? format? reminder? | 'noalert' MAIL
    events = '{' event+ '}'
    event = 'action' | 'checksum' | 'connection' | 'content' | 'data' | 'exec' | 'fsflag' | 'gid'
          | 'icmp' | 'instance' | 'invalid' | 'nonexist' | 'permission' | 'pid' | 'ppid'
          | 'resource' | 'size' | 'timeout' | 'timestamp' | 'uid'
    format = 'mail-format' '{' FIELD+ '}'
    reminder = 'reminder' NUMBER 'cycle'?

    set = 'set' ('alert' MAIL 'not'? events? format? reminder?
        | 'daemon' NUMBER ('start' 'delay' NUMBER)?
        | 'logfile' (PATH | 'syslog' ('facility' STRING)?)
        | 'eventqueue' ('basedir' PATH ('slot' NUMBER)? | 'slot' NUMBER)
        | 'mmonit' (URL timeout? ssl-version? certificate? ('register' 'credentials')?)+
        | 'mailserver' mail-server+ timeout? ('hostname' STRING)?
        | format | 'httpd' 'port' NUMBER httpd* | ('idfile' | 'statefile' | 'pidfile') PATH
        | 'expectbuffer' NUMBER unit? | 'init' | 'fips')
    mail-server = STRING ('port' NUMBER)? ('username' (MAIL | STRING))? ('password' STRING)?
                ssl-version? certificate?
    httpd = ('ssl' 'enable' | 'enable' 'ssl') 'pemfile' PATH ('clientpemfile' PATH)?
            'allowselfcertification'?
          | ('ssl' 'disable' | 'disable' 'ssl')
            ('pemfile' PATH | 'clientpemfile' PATH | 'allowselfcertification')*
          | 'ssl' 'pemfile' PATH ('clientpemfile' PATH)? 'allowselfcertification'?
          | 'signature' ('enable' | 'disable') | ('enable' | 'disable') 'signature'
          | 'address' STRING
          | 'allow' (STRING ':' STRING 'readonly'? | '@' STRING 'readonly'?
            | ('cleartext' | 'md5' | 'crypt')? PATH STRING* | STRING)
    """
  )
}
