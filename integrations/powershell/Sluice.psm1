# The cmdlets of Delivery Optimization over the JSON of the `sluice` command. Thin: names and
# parameters are those of the Windows module, all else is `sluice`'s affair (and in its --help).

Set-StrictMode -Version 3.0

# Runs `sluice` and gives back its JSON as objects. `$env:SLUICE` names another command.
function Invoke-Sluice {
    param([Parameter(Mandatory)] [string[]] $Arguments, [string] $DataDir)

    $command = if ($env:SLUICE) { $env:SLUICE } else { 'sluice' }
    if ($DataDir) { $Arguments += @('--data-dir', $DataDir) }
    $json = & $command @Arguments '--json'
    $code = $LASTEXITCODE
    # One value a line. PowerShell 5.1 gives an array back as one object: unrolled here.
    $answers = @($json | ForEach-Object { ConvertFrom-Json -InputObject $_ } | ForEach-Object { $_ })
    # 1 and 5 come with an answer, too: a check that failed.
    if ($code -ne 0) {
        if ($answers.Count -eq 0) { throw "sluice ended with $code" }
        $properties = @($answers[0].PSObject.Properties)
        # In strict mode only arrays are sure to have a Count.
        if ($properties.Count -eq 1 -and $properties[0].Name -eq 'Error') {
            $fault = $properties[0].Value
            throw "$($fault.Message) $($fault.Remedy)"
        }
    }
    $answers
}

function Get-DeliveryOptimizationStatus {
    [CmdletBinding()]
    param([switch] $PeerInfo, [switch] $AsObject, [int] $SelectPeerCount = 5, [string] $DataDir)

    if (-not $PeerInfo) { return Invoke-Sluice -Arguments @('status') -DataDir $DataDir }
    $arguments = @('status', '--peers', '--select-peer-count', $SelectPeerCount)
    $files = Invoke-Sluice -Arguments $arguments -DataDir $DataDir
    if ($AsObject) { return $files }
    foreach ($file in $files) {
        "FileId: $($file.FileId)"
        $file.Peers | Format-Table
    }
}

function Get-DeliveryOptimizationPerfSnap {
    [CmdletBinding()]
    param([string] $DataDir)

    $arguments = @('perfsnap')
    if ($VerbosePreference -ne 'SilentlyContinue') { $arguments += '--verbose' }
    Invoke-Sluice -Arguments $arguments -DataDir $DataDir
}

function Get-DeliveryOptimizationPerfSnapThisMonth {
    [CmdletBinding()]
    param([string] $DataDir)

    Invoke-Sluice -Arguments @('perfsnap', '--month') -DataDir $DataDir
}

# One object a line; here the JSON is one object in each line, too.
function Get-DeliveryOptimizationLog {
    [CmdletBinding()]
    param(
        [ValidateSet('trace', 'debug', 'info', 'warn', 'error')] [string] $LevelFilter = 'trace',
        [string] $DataDir
    )

    Invoke-Sluice -Arguments @('log', '--level', $LevelFilter) -DataDir $DataDir
}

function Get-DeliveryOptimizationLogAnalysis {
    [CmdletBinding()]
    param([switch] $ListConnections, [string] $DataDir)

    $arguments = @('log', '--analyze')
    if ($ListConnections) { $arguments += '--connections' }
    Invoke-Sluice -Arguments $arguments -DataDir $DataDir
}

function Set-DeliveryOptimizationStatus {
    [CmdletBinding(DefaultParameterSetName = 'Expire')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Expire')] [datetime] $ExpireOn,
        [Parameter(Mandatory, ParameterSetName = 'Pin')] [bool] $Pin,
        [Parameter(ParameterSetName = 'Expire')]
        [Parameter(Mandatory, ParameterSetName = 'Pin')] [string] $FileID,
        [string] $DataDir
    )

    if ($PSCmdlet.ParameterSetName -eq 'Pin') {
        $verb = if ($Pin) { 'pin' } else { 'unpin' }
        return Invoke-Sluice -Arguments @('cache', $verb, $FileID) -DataDir $DataDir
    }
    $arguments = @('cache', 'expire', '--on', $ExpireOn.ToUniversalTime().ToString('o'))
    if ($FileID) { $arguments += $FileID }
    Invoke-Sluice -Arguments $arguments -DataDir $DataDir
}

# The verb is not an approved one; it is the name that scripts know.
function Delete-DeliveryOptimizationCache {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param([string] $FileId, [switch] $IncludePinnedFiles, [switch] $Force, [string] $DataDir)

    $what = if ($FileId) { $FileId } else { 'all files of the cache' }
    if (-not $Force -and -not $PSCmdlet.ShouldProcess($what, 'Delete')) { return }
    $arguments = @('cache', 'delete', '--force')
    if ($IncludePinnedFiles) { $arguments += '--include-pinned' }
    if ($FileId) { $arguments += $FileId }
    Invoke-Sluice -Arguments $arguments -DataDir $DataDir
}

function Test-DeliveryOptimization {
    [CmdletBinding()]
    param([switch] $HealthCheck, [switch] $P2P, [switch] $MCC, [string] $DataDir)

    $arguments = @('doctor')
    if ($HealthCheck) { $arguments += '--health-check' }
    if ($P2P) { $arguments += '--p2p' }
    if ($MCC) { $arguments += '--mcc' }
    (Invoke-Sluice -Arguments $arguments -DataDir $DataDir).Checks
}

# Of the settings, those that Get-DOConfig of Windows shows, under its names, each with its provider.
$script:configNames = [ordered]@{
    DownloadMode               = 'DODownloadMode'
    DownBackLimitBps           = 'DOMaxBackgroundDownloadBandwidth'
    DownloadForegroundLimitBps = 'DOMaxForegroundDownloadBandwidth'
    DownBackLimitPct           = 'DOPercentageMaxBackgroundBandwidth'
    DownloadForegroundLimitPct = 'DOPercentageMaxForegroundBandwidth'
    MaxUploadRatePct           = 'DOMaxUploadBandwidth'
    UploadLimitMonthlyGB       = 'DOMonthlyUploadDataCap'
}
$script:extendedNames = [ordered]@{
    BatteryPctToSeed                  = 'DOMinBatteryPercentageAllowedToUpload'
    WorkingDirectory                  = 'DOModifyCacheDrive'
    MinTotalDiskSize                  = 'DOMinDiskSizeAllowedToPeer'
    MinTotalRAM                       = 'DOMinRAMAllowedToPeer'
    VpnPeerCachingAllowed             = 'DOAllowVPNPeerCaching'
    VpnKeywords                       = 'DOVpnKeywords'
    SetHoursToLimitDownloadBackground = 'DOSetHoursToLimitBackgroundDownloadBandwidth'
    SetHoursToLimitDownloadForeground = 'DOSetHoursToLimitForegroundDownloadBandwidth'
}

# The policies count in KB/s, these cmdlets in bytes/s.
function ConvertFrom-SettingValue {
    param([string] $Name, $Value)

    if ($Name -like '*LimitBps' -and $null -ne $Value) { return [uint64] $Value * 1024 }
    if ($Name -eq 'VpnPeerCachingAllowed') { return $Value -eq 1 }
    $Value
}

function Get-DOConfig {
    [CmdletBinding()]
    param([string] $DataDir)

    $settings = @{}
    foreach ($each in (Invoke-Sluice -Arguments @('config', 'show') -DataDir $DataDir).Settings) {
        $settings[$each.Name] = $each
    }
    $tables = @($script:configNames)
    if ($VerbosePreference -ne 'SilentlyContinue') { $tables += $script:extendedNames }
    $config = [ordered]@{}
    foreach ($names in $tables) {
        foreach ($name in $names.Keys) {
            $setting = $settings[$names[$name]]
            $config[$name] = ConvertFrom-SettingValue -Name $name -Value $setting.Value
            $config["${name}Provider"] = "$($setting.Provider) Provider"
        }
    }
    [pscustomobject] $config
}

function Get-DODownloadMode {
    [CmdletBinding()]
    param([string] $DataDir)

    (Get-DOConfig -DataDir $DataDir).DownloadMode
}

function Get-DOPercentageMaxBackgroundBandwidth {
    [CmdletBinding()]
    param([string] $DataDir)

    (Get-DOConfig -DataDir $DataDir).DownBackLimitPct
}

function Get-DOPercentageMaxForegroundBandwidth {
    [CmdletBinding()]
    param([string] $DataDir)

    (Get-DOConfig -DataDir $DataDir).DownloadForegroundLimitPct
}

function Get-DOMaxBackgroundBandwidth {
    [CmdletBinding()]
    param([string] $DataDir)

    (Get-DOConfig -DataDir $DataDir).DownBackLimitBps
}

function Get-DOMaxForegroundBandwidth {
    [CmdletBinding()]
    param([string] $DataDir)

    (Get-DOConfig -DataDir $DataDir).DownloadForegroundLimitBps
}

# Sets a setting, or takes back what an admin has set.
function Set-Setting {
    param([string] $Name, $Value, [switch] $Reset, [string] $DataDir)

    $arguments = if ($Reset) { @('config', 'reset', $Name) } else { @('config', 'set', "$Name=$Value") }
    $null = Invoke-Sluice -Arguments $arguments -DataDir $DataDir
}

function Set-DODownloadMode {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [ValidateSet(0, 1, 3)] [int] $DownloadMode, [string] $DataDir)

    Set-Setting -Name DODownloadMode -Value $DownloadMode -DataDir $DataDir
}

function Set-DOMaxBackgroundBandwidth {
    [CmdletBinding(DefaultParameterSetName = 'Set')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Set')] [uint32] $MaxBackgroundBandwidth,
        [Parameter(Mandatory, ParameterSetName = 'Reset')] [switch] $Reset,
        [string] $DataDir
    )

    $rate = [math]::Ceiling($MaxBackgroundBandwidth / 1024)
    Set-Setting -Name DOMaxBackgroundDownloadBandwidth -Value $rate -Reset:$Reset -DataDir $DataDir
}

function Set-DOMaxForegroundBandwidth {
    [CmdletBinding(DefaultParameterSetName = 'Set')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Set')] [uint32] $MaxForegroundBandwidth,
        [Parameter(Mandatory, ParameterSetName = 'Reset')] [switch] $Reset,
        [string] $DataDir
    )

    $rate = [math]::Ceiling($MaxForegroundBandwidth / 1024)
    Set-Setting -Name DOMaxForegroundDownloadBandwidth -Value $rate -Reset:$Reset -DataDir $DataDir
}

function Set-DOPercentageMaxBackgroundBandwidth {
    [CmdletBinding(DefaultParameterSetName = 'Set')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Set')] [ValidateRange(0, 100)]
        [int] $PercentageMaxBackgroundBandwidth,
        [Parameter(Mandatory, ParameterSetName = 'Reset')] [switch] $Reset,
        [string] $DataDir
    )

    $name = 'DOPercentageMaxBackgroundBandwidth'
    Set-Setting -Name $name -Value $PercentageMaxBackgroundBandwidth -Reset:$Reset -DataDir $DataDir
}

function Set-DOPercentageMaxForegroundBandwidth {
    [CmdletBinding(DefaultParameterSetName = 'Set')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Set')] [ValidateRange(0, 100)]
        [int] $PercentageMaxForegroundBandwidth,
        [Parameter(Mandatory, ParameterSetName = 'Reset')] [switch] $Reset,
        [string] $DataDir
    )

    $name = 'DOPercentageMaxForegroundBandwidth'
    Set-Setting -Name $name -Value $PercentageMaxForegroundBandwidth -Reset:$Reset -DataDir $DataDir
}

Export-ModuleMember -Function '*-DeliveryOptimization*', '*-DO*'
