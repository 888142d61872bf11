import { execFileSync } from 'node:child_process';
import { hostname } from 'node:os';

/** Writes what `saslpasswd2 -a libvirt` of Debian's sasl2-bin would: a Berkeley DB of passwords, by Perl, which knows it. */
const WRITE = String.raw`
use strict;
use DB_File;
my ($path, $realm, %passwords) = @ARGV;
tie my %db, 'DB_File', $path, O_RDWR | O_CREAT, 0600, $DB_HASH or die "cannot write $path: $!\n";
$db{"$_\0$realm\0userPassword"} = $passwords{$_} for keys %passwords;
untie %db;
`;

export function writeSaslPasswords(path: string, passwords: Readonly<Record<string, string>>): void {
  try {
    execFileSync('perl', ['-e', WRITE, path, hostname(), ...Object.entries(passwords).flat()], { stdio: 'pipe' });
  } catch (error) {
    throw new Error("SASL needs Debian's packages libsasl2-modules (installed with libvirt) and perl", {
      cause: error,
    });
  }
}
