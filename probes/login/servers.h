/* SPDX-License-Identifier: Apache-2.0
 *
 * servers.h - for tests and figures: servers nobody here wrote (daemon.h), each with one account whose password is known. What
 * is not installed is said and skipped. User and password are planted in files of the server's own scratch folder; those that
 * look into /etc/passwd see another one there, in a mount namespace of their own. */
#ifndef LOGIN_SERVERS_H
#define LOGIN_SERVERS_H

#include <openssl/evp.h>

#include "harness/proto/daemon.h"

struct server {
	const char *name;
	const char *user, *secret;      /* what opens it; secret NULL = nothing does */
	bool (*start)(struct daemon *d, const struct server *s);
	const char *row;                /* of declared.auth.surface; %d is the port */
	const char *kind;               /* for start: which of several */
};

static void server_hex(const char *text, const EVP_MD *md, char ret[static 65])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	ck_assert(EVP_Digest(text, strlen(text), sum, &n, md, NULL));
	for (unsigned i = 0; i < n; i++)
		snprintf(ret + 2 * i, 3, "%02x", sum[i]);
}

/* /etc/passwd and /etc/shadow as the program sees them: root with a password or without. Then `what` runs, through sh. */
static bool server_account(struct daemon *d, const char *secret, const char *what)
{
	daemon_put(d, "passwd", "root:%s:0:0:root:/:/bin/sh\n", secret[0] ? "x" : "");
	daemon_put(d, "secret", "%s", secret);
	daemon_put(d, "run", "set -e\n[ ! -x /usr/bin/dropbearkey ] || dropbearkey -t ed25519 -f key\nmount --bind passwd "
		   "/etc/passwd\n[ ! -s secret ] || echo \"root:$(openssl passwd -6 -in secret):19000:0:99999:7:::\" > shadow\n"
		   "[ -s shadow ] || echo 'root::19000:0:99999:7:::' > shadow\nmount --bind shadow /etc/shadow\nexec %s\n", what);
	daemon_run(d, "/usr/bin/unshare", "-rm", "/bin/sh", "run", NULL);
	return true;
}

__attribute__((unused)) static bool server_dropbear(struct daemon *d, const struct server *s)
{
	return daemon_open(d, "/usr/sbin/dropbear") &&
	       server_account(d, s->secret ? s->secret : "b34c7a91e5", daemon_text(d, "/usr/sbin/dropbear -F -E -P pid -r "
				   "key -p 127.0.0.1:%d", d->port));
}

/* OpenSSH with its usual waiting (kind "yes": PAM lets a wrong password wait, if there is a root to ask it), or with a place for
 * few connections that are not logged in: kind "no". Nobody's password opens it. */
__attribute__((unused)) static bool server_sshd(struct daemon *d, const struct server *s)
{
	bool pam = !strcmp(s->kind, "yes");

	if (!daemon_open(d, "/usr/sbin/sshd"))
		return false;
	daemon_put(d, "conf", "Port %d\nListenAddress 127.0.0.1\nPidFile none\nUsePAM %s\nStrictModes no\nHostKey %s/key\n"
		   "PermitRootLogin no\n%s", d->port, s->kind, d->dir, pam ? "" : "MaxStartups 2\n");
	daemon_run(d, "/bin/sh", "-c", "ssh-keygen -q -N '' -t ed25519 -f key; [ $(id -u) != 0 ] || mkdir -p /run/sshd; "
		   "exec /usr/sbin/sshd -D -e -f $PWD/conf", NULL);
	return true;
}

/* busybox's log-in, which waits 3 s after a wrong password; or a script behind its telnetd that does not. */
__attribute__((unused)) static bool server_telnetd(struct daemon *d, const struct server *s)
{
	if (!daemon_open(d, "/usr/bin/busybox") && !daemon_open(d, "/bin/busybox"))
		return false;
	if (!strcmp(s->kind, "login"))
		return server_account(d, s->secret ? s->secret : "b34c7a91e5",
				      daemon_text(d, "busybox telnetd -F -b 127.0.0.1 -p %d -l /proc/self/cwd/login", d->port));
	daemon_put(d, "login", "#!/bin/sh\nwhile :; do printf 'HP-1 login: '; read -r u; stty -echo; printf 'Password: '; "
		   "read -r p; stty echo; echo\n"
		   "[ \"$u:$p\" = '%s:%s' ] && exec sh -i; echo 'Login incorrect'; done\n", s->user,
		   s->secret ? s->secret : "b34c7a91e5");
	daemon_run(d, "/bin/sh", "-c", daemon_text(d, "chmod 755 login; exec busybox telnetd -F -b 127.0.0.1 -p %d -l "
		   "%s/login", d->port, d->dir), NULL);
	return true;
}

__attribute__((unused)) static bool server_busybox_httpd(struct daemon *d, const struct server *s)
{
	if (!daemon_open(d, "/usr/bin/busybox") && !daemon_open(d, "/bin/busybox"))
		return false;
	daemon_put(d, "conf", "/:%s:%s\n", s->user, s->secret ? s->secret : "b34c7a91e5");
	daemon_put(d, "index.html", "hello\n");
	daemon_run(d, "/bin/busybox", "httpd", "-f", "-p", daemon_text(d, "127.0.0.1:%d", d->port), "-c", "conf", "-h",
		d->dir, NULL);
	return true;
}

__attribute__((unused)) static bool server_nginx(struct daemon *d, const struct server *s)
{
	if (!daemon_open(d, "/usr/sbin/nginx"))
		return false;
	daemon_put(d, "users", "%s:{PLAIN}%s\n", s->user, s->secret ? s->secret : "b34c7a91e5");
	daemon_put(d, "index.html", "hello\n");
	daemon_put(d, "conf", "daemon off; master_process off; pid %s/pid; error_log %s/log;\nevents { }\nhttp { access_log "
		   "off; client_body_temp_path t1; "
		   "proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;\nserver { listen "
		   "127.0.0.1:%d; root %s; "
		   "auth_basic x; auth_basic_user_file %s/users; } }\n", d->dir, d->dir, d->port, d->dir, d->dir);
	daemon_run(d, "/usr/sbin/nginx", "-p", d->dir, "-c", daemon_text(d, "%s/conf", d->dir), "-e", daemon_text(d,
		   "%s/log", d->dir), NULL);
	return true;
}

/* kind: basic, MD5 or SHA-256. */
__attribute__((unused)) static bool server_lighttpd(struct daemon *d, const struct server *s)
{
	bool digest = strcmp(s->kind, "basic") != 0, sha = !strcmp(s->kind, "SHA-256");
	const char *secret = s->secret ? s->secret : "b34c7a91e5";
	char hex[65];

	if (!daemon_open(d, "/usr/sbin/lighttpd"))
		return false;
	server_hex(daemon_text(d, "%s:cam:%s", s->user, secret), sha ? EVP_sha256() : EVP_md5(), hex);
	daemon_put(d, "users", "%s:%s%s\n", s->user, digest ? "cam:" : "", digest ? hex : secret);
	daemon_put(d, "index.html", "hello\n");
	daemon_put(d, "conf", "server.modules = (\"mod_auth\", \"mod_authn_file\")\nserver.document-root = \"%s\"\n"
		   "server.bind = \"127.0.0.1\"\n"
		   "server.port = %d\nindex-file.names = (\"index.html\")\nauth.backend = \"%s\"\nauth.backend.%s.userfile = "
		   "\"%s/users\"\n"
		   "auth.require = (\"/\" => (\"method\" => \"%s\", \"realm\" => \"cam\", \"require\" => \"valid-user\"%s))\n"
		   "", d->dir, d->port,
		   digest ? "htdigest" : "plain", digest ? "htdigest" : "plain", d->dir, digest ? "digest" : "basic",
		   sha ? ", \"algorithm\" => \"SHA-256\"" : digest ? ", \"algorithm\" => \"MD5\"" : "");
	daemon_run(d, "/usr/sbin/lighttpd", "-D", "-f", daemon_text(d, "%s/conf", d->dir), NULL);
	return true;
}

__attribute__((unused)) static bool server_ftp(struct daemon *d, const struct server *s)
{
	if (!daemon_open(d, "/usr/share/doc/python3-pyftpdlib"))        /* a folder can be entered: x */
		return false;
	daemon_put(d, "run.py", "from pyftpdlib.authorizers import DummyAuthorizer\nfrom pyftpdlib.handlers import FTPHandler\n"
		   "from pyftpdlib.servers import FTPServer\na = DummyAuthorizer()\na.add_user('%s', '%s', '.')\n"
		   "FTPHandler.authorizer = a\n"
		   "FTPHandler.auth_failed_timeout = 0\nFTPServer(('127.0.0.1', %d), FTPHandler).serve_forever()\n", s->user,
		   s->secret ? s->secret : "b34c7a91e5", d->port);
	daemon_run(d, "/usr/bin/python3", "run.py", NULL);
	return true;
}

/* Anonymous log-in (kind "YES"), or none at all ("NO"; "slow": with its usual second after a wrong password). */
__attribute__((unused)) static bool server_vsftpd(struct daemon *d, const struct server *s)
{
	if (!daemon_open(d, "/usr/sbin/vsftpd"))
		return false;
	daemon_put(d, "conf", "listen=YES\nbackground=NO\nlisten_address=127.0.0.1\nlisten_port=%d\nanonymous_enable=%s\n"
		   "local_enable=%s\npam_service_name=other\n"
		   "run_as_launching_user=YES\n%sanon_root=%s\nno_anon_password=YES\nseccomp_sandbox=NO\n",
		   d->port, !strcmp(s->kind, "YES") ? "YES" : "NO", !strcmp(s->kind, "YES") ? "NO" : "YES",
		   !strcmp(s->kind, "slow") ? "" : "delay_failed_login=0\n", d->dir);
	daemon_run(d, "/usr/sbin/vsftpd", daemon_text(d, "%s/conf", d->dir), NULL);
	return true;
}

/* For those that begin TLS on the connection: cert.pem and key.pem in its folder. */
#define SERVER_CERTIFICATE "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem " \
	"-subj /CN=hp1 -days 2 2> openssl.log; chmod 644 key.pem; "

/* Anonymous log-in over TLS only (kind "YES"), or none (kind "NO"). */
__attribute__((unused)) static bool server_vsftpd_tls(struct daemon *d, const struct server *s)
{
	if (!daemon_open(d, "/usr/sbin/vsftpd"))
		return false;
	daemon_put(d, "conf", "listen=YES\nbackground=NO\nlisten_address=127.0.0.1\nlisten_port=%d\nanonymous_enable=%s\nlocal_enable=%s\n"
		   "pam_service_name=other\nrun_as_launching_user=YES\ndelay_failed_login=0\nanon_root=%s\nno_anon_password=YES\n"
		   "seccomp_sandbox=NO\nssl_enable=YES\nallow_anon_ssl=YES\nforce_anon_logins_ssl=YES\nforce_local_logins_ssl=YES\n"
		   "rsa_cert_file=%s/cert.pem\nrsa_private_key_file=%s/key.pem\nssl_ciphers=HIGH\n", d->port, s->kind,
		   strcmp(s->kind, "NO") ? "NO" : "YES", d->dir, d->dir, d->dir);
	daemon_run(d, "/bin/sh", "-c", SERVER_CERTIFICATE "exec vsftpd $PWD/conf", NULL);
	return true;
}

/* It tells of AUTH only once TLS has begun. */
__attribute__((unused)) static bool server_exim(struct daemon *d, const struct server *s)
{
	if (!daemon_open(d, "/usr/sbin/exim4"))
		return false;
	daemon_put(d, "conf", "primary_hostname = hp1\ndaemon_smtp_ports = %d\nlocal_interfaces = 127.0.0.1\nspool_directory = %s/spool\n"
		   "log_file_path = %s/spool/%%slog\npid_file_path = %s/spool/pid\ntls_advertise_hosts = *\ntls_certificate = %s/cert.pem\n"
		   "tls_privatekey = %s/key.pem\nauth_advertise_hosts = ${if def:tls_in_cipher {*}{}}\nbegin authenticators\nplain:\n"
		   "  driver = plaintext\n  public_name = PLAIN\n  server_prompts = :\n"
		   "  server_condition = ${if and{{eq{$auth2}{%s}}{eq{$auth3}{%s}}}}\n  server_set_id = $auth2\n", d->port, d->dir, d->dir,
		   d->dir, d->dir, d->dir, s->user, s->secret ? s->secret : "b34c7a91e5");
	daemon_run(d, "/bin/sh", "-c", SERVER_CERTIFICATE "chmod 777 .; mkdir -m 777 spool; exec exim4 -bdf -C $PWD/conf", NULL);
	return true;
}

/* kind: "tls" where it takes log-ins only then */
__attribute__((unused)) static bool server_smtp(struct daemon *d, const struct server *s)
{
	if (!daemon_open(d, "/usr/bin/aiosmtpd"))
		return false;
	daemon_put(d, "run.py", "import time\nfrom aiosmtpd.controller import Controller\nfrom aiosmtpd.smtp import AuthResult\n"
		   "def check(server, session, envelope, mechanism, data):\n"
		   "    return AuthResult(success=(data.login, data.password) == (b'%s', b'%s'), handled=False)\n"
		   "tls = %s\nimport ssl\nx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if tls else None\n"
		   "if tls: x.load_cert_chain('cert.pem', 'key.pem')\n"
		   "c = Controller(object(), hostname='127.0.0.1', port=%d, authenticator=check, auth_require_tls=tls, tls_context=x)\n"
		   "c.start()\ntime.sleep(9999)\n",
		   s->user, s->secret ? s->secret : "b34c7a91e5", s->kind ? "True" : "False", d->port);
	daemon_run(d, "/bin/sh", "-c", s->kind ? SERVER_CERTIFICATE "exec /usr/bin/python3 run.py" : "exec /usr/bin/python3 run.py", NULL);
	return true;
}

/* kind: imap or pop3; "imap tls", "pop3 tls": a password in clear is not taken */
__attribute__((unused)) static bool server_dovecot(struct daemon *d, const struct server *s)
{
	bool tls = strlen(s->kind) > 4;
	char *kind;

	if (!daemon_open(d, "/usr/sbin/dovecot") || access(daemon_text(d, "/usr/lib/dovecot/%.4s", s->kind), X_OK))
		return false;
	kind = daemon_text(d, "%.4s", s->kind);
	daemon_put(d, "users", "%s:{PLAIN}%s::::::\n", s->user, s->secret ? s->secret : "b34c7a91e5");
	daemon_put(d, "conf", "protocols = %s\nbase_dir = %s/b\nstate_dir = %s/s\nlog_path = %s/log\n%s"
		  
		   "auth_failure_delay = 0\nauth_mechanisms = plain login\ndefault_internal_user = $u\ndefault_login_user = "
		   "$l\ndefault_internal_group = $g\n"
		   "first_valid_uid = 0\nmail_location = maildir:%s/m\nlisten = 127.0.0.1\npassdb {\n driver = passwd-file\n "
		   "args = %s/users\n}\n"
		   "userdb {\n driver = static\n args = uid=%d gid=%d home=%s\n}\nservice anvil {\n chroot =\n unix_listener "
		   "anvil-auth-penalty {\n mode = 0\n }\n}\nservice stats {\n chroot =\n}\n"
		   "service %s-login {\n chroot =\n inet_listener %s {\n port = %d\n }\n inet_listener %ss {\n port = 0\n }\n"
		   "}\n", kind, d->dir, d->dir, d->dir,
		   tls ? daemon_text(d, "ssl = required\nssl_cert = <%s/cert.pem\nssl_key = <%s/key.pem\n", d->dir, d->dir) :
		   "ssl = no\ndisable_plaintext_auth = no\n",
		   d->dir, d->dir, getuid() ? (int)getuid() : 65534, getuid() ? (int)getgid() : 65534, d->dir, kind, kind, d->port, kind);
	/* its log-in process is nobody's when there is a root to leave */
	daemon_run(d, "/bin/sh", "-c", SERVER_CERTIFICATE "chmod 777 .; u=$(id -un) g=$(id -gn); [ $u = root ] && l=nobody || l=$u; sed -i "
		   "\"s/\\$u/$u/; s/\\$l/$l/; s/\\$g/$g/\" conf; "
		   "exec dovecot -F -c $PWD/conf", NULL);
	return true;
}

/* kind: gnutls or openssl. Whoever has the key is let in, whatever the identity. */
__attribute__((unused)) static bool server_coap(struct daemon *d, const struct server *s)
{
	char program[40];

	snprintf(program, sizeof(program), "/usr/bin/coap-server-%s", s->kind);
	if (!daemon_open(d, program))
		return false;
	daemon_run(d, program, "-A", "127.0.0.1", "-p", daemon_text(d, "%d", d->port), "-h", "CoAP", "-k", s->secret ? s->secret :
		   "b34c7a91e5", NULL);
	d->port++;                              /* DTLS */
	return true;
}

/* hap-nodejs, which announces itself to its network: only where run.sh gave it one of its own. */
__attribute__((unused)) static bool server_hap(struct daemon *d, const struct server *s)
{
	const char *npm = getenv("JUSAN_NPM");
	char here[256], module[FS_PATH];

	if (!getenv("JUSAN_TRUTH") || !npm) {
		puts("hap-nodejs: skipped, make truth has it");
		return false;
	}
	snprintf(module, sizeof(module), "%s/node_modules/hap-nodejs", npm);
	if (!daemon_open(d, module))
		return false;
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	daemon_run(d, "/usr/bin/env", daemon_text(d, "NODE_PATH=%s/node_modules", npm), "node", daemon_text(d, "%s/fixtures/truth/servers/hap.js", here),
		   daemon_text(d, "%d", d->port), s->secret ? s->secret : "670-53-281", NULL);
	return true;
}

/* kind: 2c or 3 */
__attribute__((unused)) static bool server_snmpd(struct daemon *d, const struct server *s)
{
	const char *secret = s->secret ? s->secret : "b34c7a91e5";
	int64_t until = clock_ns() + SEC(10);
	char *log = NULL;
	size_t n;
	struct err err = { 0 };

	if (!daemon_open(d, "/usr/sbin/snmpd"))
		return false;
	if (strcmp(s->kind, "3"))
		daemon_put(d, "conf", "agentAddress udp:127.0.0.1:%d\nrocommunity %s 127.0.0.1\n", d->port, secret);
	else
		daemon_put(d, "conf", "agentAddress udp:127.0.0.1:%d\ncreateUser %s SHA \"%s\"\nrouser %s auth\n", d->port,
			s->user, secret, s->user);
	daemon_spawn(d, (char *[]){ "/usr/bin/env", daemon_text(d, "SNMP_PERSISTENT_DIR=%s", d->dir), "/usr/sbin/snmpd",
		   "-f", "-LF", "6", "ready", "-C",
				    "-c", "conf", "-p", "pid", NULL });
	for (bool up = false; !up && clock_ns() < until; poll(NULL, 0, 20)) {
		if (fs_read(daemon_text(d, "%s/ready", d->dir), 65536, &log, &n, &err))
			up = strstr(log, "NET-SNMP version") != NULL;
		free(d->text[--d->n_texts]);
		free(log);
		log = NULL;
	}
	return true;
}

__attribute__((unused)) static bool server_mosquitto(struct daemon *d, const struct server *s)
{
	if (!daemon_open(d, "/usr/sbin/mosquitto"))
		return false;
	daemon_put(d, "users", "%s:%s\n", s->user, s->secret ? s->secret : "b34c7a91e5");
	daemon_put(d, "conf", "listener %d 127.0.0.1\nallow_anonymous false\npassword_file %s/users\n", d->port, d->dir);
	daemon_run(d, "/bin/sh", "-c", "chmod 600 users; mosquitto_passwd -U users; [ $(id -u) != 0 ] || chown -R mosquitto: "
		   ".; exec mosquitto -c conf", NULL);
	return true;
}

/* GStreamer's, kind: basic or digest */
__attribute__((unused)) static bool server_rtsp(struct daemon *d, const struct server *s)
{
	char here[256];

	if (!daemon_open(d, "/usr/share/doc/gir1.2-gst-rtsp-server-1.0"))       /* a folder can be entered: x */
		return false;
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	daemon_run(d, "/usr/bin/python3", daemon_text(d, "%s/fixtures/truth/servers/rtsp.py", here), daemon_text(d, "%d", d->port), s->kind,
		   s->user, s->secret ? s->secret : "b34c7a91e5", NULL);
	return true;
}
#endif
