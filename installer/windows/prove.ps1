# Install, look, and remove on a real Windows, as the release workflow does.
# Wine has shown most of it before (dev.py package-test windows); this adds the real
# program and the real system. Usage: prove.ps1 SETUP MSI
param([Parameter(Mandatory)] [string] $Setup, [Parameter(Mandatory)] [string] $Msi)

$ErrorActionPreference = 'Stop'
$UninstallKey = 'Software\Microsoft\Windows\CurrentVersion\Uninstall\screenpop'

function Invoke-Step([string] $Program, [string[]] $Words, [int] $Expected = 0) {
    $process = Start-Process $Program -ArgumentList $Words -Wait -PassThru
    if ($process.ExitCode -ne $Expected) {
        throw "$Program $Words ended with $($process.ExitCode) instead of $Expected"
    }
}

function Assert-That([bool] $IsSo, [string] $Otherwise) {
    if (-not $IsSo) { throw $Otherwise }
}

function Test-Program([string] $Folder) {
    & "$Folder\screenpop-cli.exe" --version
    & "$Folder\screenpop-cli.exe" self-test
    Assert-That ($LASTEXITCODE -eq 0) 'the self-test failed'
}

# What a group policy writes is locked, and so is what a policy's file locks; each is
# explained with where it comes from.
function Test-Policy([string] $Folder) {
    $key = 'HKLM:\Software\Policies\screenpop'
    $file = "$env:ProgramData\screenpop\policy.toml"
    New-Item "$key\card" -Force | Out-Null
    New-ItemProperty "$key\card" -Name corner -Value top-left -Force | Out-Null
    Set-Content $file "[dialing]`nabroad = `"refuse`"`n[policy]`nlocked = [`"dialing`"]"
    try {
        $told = & "$Folder\screenpop-cli.exe" doctor --policy --json | ConvertFrom-Json
        $locks = @{}
        $told.settings | ForEach-Object { $locks[$_.place] = $_.lock }
        Assert-That ($locks['card.corner'] -like 'HKEY_LOCAL_MACHINE*') "registry: $told"
        Assert-That ($locks['dialing.abroad'] -eq $file) "file: $($told.problems)"
    } finally {
        Remove-Item $key -Recurse
        Remove-Item $file
    }
}

function Wait-Gone([string] $Path) {
    foreach ($try in 1..60) {
        if (-not (Test-Path $Path)) { return }
        Start-Sleep -Milliseconds 500
    }
    throw "$Path is still there"
}

# For one user.
Invoke-Step $Setup '/S', '/SELFTEST=1', '/LOGINSTART=1'
$app = "$env:LOCALAPPDATA\Programs\screenpop\app"
Test-Program $app
Assert-That (Test-Path "HKCU:\$UninstallKey") 'not in the list of programs'
Assert-That (Test-Path 'HKCU:\Software\Classes\screenpop.tel') 'no telephone links'
Start-Process "$app\screenpop.exe" -ArgumentList 'run', '--at-login'
& "$app\screenpop-cli.exe" status | Out-Null
Invoke-Step $Setup '/S'
Invoke-Step "$app\..\uninstall.exe" '/S'
Wait-Gone $app
Assert-That (-not (Test-Path "HKCU:\$UninstallKey")) 'still in the list of programs'
Assert-That (-not (Test-Path 'HKCU:\Software\Classes\screenpop.tel')) 'links stayed'

# For everybody; a build machine's user is an administrator.
$app = "$env:ProgramFiles\screenpop\app"
Invoke-Step $Setup '/S', '/ALLUSERS'
Test-Program $app
Test-Policy $app
Invoke-Step $Setup @('/S', '/CURRENTUSER') 1638
Invoke-Step "$app\..\uninstall.exe" '/S'
Wait-Gone $app
Assert-That (-not (Test-Path "HKLM:\$UninstallKey")) 'still in the list of programs'

# By the MSI.
Invoke-Step 'msiexec.exe' '/i', "`"$Msi`"", '/qn'
Test-Program $app
Invoke-Step 'msiexec.exe' '/x', "`"$Msi`"", '/qn'
Wait-Gone $app
'installed, looked at and removed three times'
