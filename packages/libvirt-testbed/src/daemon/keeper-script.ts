/**
 * The process between ours and libvirtd, in Perl, which every Debian has. It does the two things Node.js has no call for:
 *
 * - It is the child subreaper of the daemon's guests. libvirt waits for a killed QEMU until it is reaped, and process 1
 *   of a container may take seconds for that, or for ever.
 * - It ends all it started when our process is gone, however that happened: SIGTERM is its parent-death signal.
 *
 * Arguments: the daemon's command. It writes `started PID` and `ended STATUS` (as wait gives it) to its standard output,
 * which the daemon does not inherit, goes on while a guest lives, and exits when it has no children left.
 */
export const keeperScript = String.raw`
use strict;
use POSIX ':sys_wait_h';
my ($PR_SET_PDEATHSIG, $PR_SET_CHILD_SUBREAPER, $PRCTL) = (1, 36, 157);
$| = 1;
syscall($PRCTL, $PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 or die "cannot become a subreaper: $!\n";

my $ending = 0;
$SIG{TERM} = sub { $ending = 1 };
$SIG{CHLD} = sub { };
$SIG{PIPE} = 'IGNORE';

my $keeper = $$;
my $daemon = fork // die "cannot fork: $!\n";
if (!$daemon) {
  # Dies with the keeper, also when that is killed; a keeper already gone would never send the signal.
  syscall($PRCTL, $PR_SET_PDEATHSIG, 9, 0, 0, 0);
  exit 1 if getppid != $keeper;
  $SIG{PIPE} = 'DEFAULT';
  open STDOUT, '>&', \*STDERR;
  exec { $ARGV[0] } @ARGV or die "cannot run $ARGV[0]: $!\n";
}
print "started $daemon\n";

while (1) {
  while ((my $pid = waitpid -1, WNOHANG) != 0) {
    exit 0 if $pid < 0;
    print "ended $?\n" if $pid == $daemon;
  }
  kill KILL => children() if $ending;
  # A signal cuts this short; one that arrives just before it costs half a second.
  select undef, undef, undef, 0.5;
}

sub children {
  my @found;
  for my $file (</proc/[0-9]*/stat>) {
    open my $stat, '<', $file or next;
    push @found, $1 if (<$stat> // '') =~ /^(\d+) \(.*\) \S (\d+) /s && $2 == $$;
  }
  return @found;
}
`;
