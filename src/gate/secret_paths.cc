#include "gate/secret_paths.h"

#include <array>

namespace fathom::gate {
namespace {

constexpr std::array kSecrets = {
    SecretPath{"id_{rsa,dsa,ecdsa,ecdsa_sk,ed25519,ed25519_sk}", "a private SSH key"},
    SecretPath{"/etc/ssh/ssh_host_*_key", "a private key of an SSH server"},
    SecretPath{"*.ppk", "a private key of PuTTY"},
    SecretPath{"{priv,private,server,client,tls,ssl,ca}*{key,Key}*.pem", "a private key"},
    SecretPath{"{key,*-key,*_key,*.key,privkey*,private}.pem", "a private key"},
    SecretPath{"*.key", "a private key"},
    SecretPath{"/etc/ssl/private/*", "a private key"},
    SecretPath{"*.{p12,pfx,jks,keystore}", "a store of keys"},
    SecretPath{"secring.*", "a store of private GnuPG keys"},
    SecretPath{"**/.gnupg/private-keys-v1.d/*", "a private GnuPG key"},
    SecretPath{"**/.aws/credentials", "credentials of AWS"},
    SecretPath{"**/.aws/cli/cache/*", "credentials of AWS"},
    SecretPath{"**/.azure/{accessTokens.json,msal_token_cache.*,service_principal_entries.*}",
               "credentials of Azure"},
    SecretPath{"**/gcloud/{credentials.db,access_tokens.db,application_default_credentials.json}",
               "credentials of Google Cloud"},
    SecretPath{"**/gcloud/legacy_credentials/**", "credentials of Google Cloud"},
    SecretPath{"{service-account,service_account,serviceAccount}*.json",
               "credentials of Google Cloud"},
    SecretPath{"**/.docker/config.json", "credentials of a container registry"},
    SecretPath{".dockercfg", "credentials of a container registry"},
    SecretPath{"**/containers/auth.json", "credentials of a container registry"},
    SecretPath{"**/.kube/config", "credentials of Kubernetes"},
    SecretPath{"{kubeconfig,*.kubeconfig}", "credentials of Kubernetes"},
    SecretPath{"/etc/kubernetes/*.conf", "credentials of Kubernetes"},
    SecretPath{"/etc/rancher/{k3s,rke2}/*.yaml", "credentials of Kubernetes"},
    SecretPath{"*.{tfstate,tfstate.backup}", "the state of Terraform, secrets included"},
    SecretPath{"*.tfvars", "variables of Terraform"},
    SecretPath{"**/.terraform.d/credentials.tfrc.json", "credentials of Terraform"},
    SecretPath{".vault-token", "a token of Vault"},
    SecretPath{".git-credentials", "credentials of git"},
    SecretPath{"**/git/credentials", "credentials of git"},
    SecretPath{"**/gh/hosts.yml", "credentials of GitHub"},
    SecretPath{"{.netrc,_netrc}", "credentials for hosts"},
    SecretPath{".npmrc", "credentials of npm"},
    SecretPath{"{.pypirc,**/.pip/pip.conf}", "credentials of PyPI"},
    SecretPath{"**/.gem/credentials", "credentials of RubyGems"},
    SecretPath{"**/.cargo/credentials{,.toml}", "credentials of crates.io"},
    SecretPath{"**/.m2/settings{,-security}.xml", "credentials of Maven"},
    SecretPath{"**/.nuget/NuGet/NuGet.Config", "credentials of NuGet"},
    SecretPath{"**/.composer/auth.json", "credentials of Composer"},
    SecretPath{"{.env,.env.*,.envrc}", "settings of an application, passwords included"},
    SecretPath{".htpasswd", "passwords"},
    SecretPath{".pgpass", "passwords of PostgreSQL"},
    SecretPath{".my.cnf", "a password of MySQL"},
    SecretPath{"wp-config.php", "the passwords of WordPress"},
    SecretPath{"*.{kdbx,agilekeychain}", "a store of passwords"},
    SecretPath{"{.bash,.zsh,.sh,.psql,.mysql,.python,.node_repl}_history",
               "what was typed, passwords included"},
};

constexpr std::array<const char*, 5> kHarmless = {
    "*.{example,sample,template,dist}", "**/node_modules/**/.npmrc",
    "/usr/share/{doc,man,keyrings}/**", "/etc/apt/{keyrings,trusted.gpg.d}/**",
    "/usr/share/ca-certificates/**",
};

}  // namespace

std::span<const SecretPath> SecretPaths() { return kSecrets; }
std::span<const char* const> HarmlessPaths() { return kHarmless; }

}  // namespace fathom::gate
